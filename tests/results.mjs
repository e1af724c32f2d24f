// A reporter of node's test runner, for node.sh: the counts, as "# pass 7", and
// which tests of a file failed and may be run again, one a line as JSON: not
// what is no test of a file (the file itself, a test in a test), nor where the
// daemon broke a promise, ended or made a sanitizer speak, which is no chance.
const FINAL = /promise broken|anitizer|runtime error:|answerd (had )?ended/;

const said = (error) => `${error?.message} ${error?.cause?.message}`;

export default async function* results(source) {
	for await (const { type, data } of source)
		if (type === "test:diagnostic")
			yield `# ${data.message}\n`;
		else if (type === "test:fail" && data.nesting === 0 && data.file !== undefined && data.name !== data.file && data.details.type !== "suite" && !FINAL.test(said(data.details.error)))
			yield JSON.stringify({ name: data.name, file: data.file }) + "\n";
}
