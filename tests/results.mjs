// A reporter of node's test runner, for node.sh: the counts, as "# pass 7", and
// which tests of a file failed, one a line as JSON. What is no test of a file
// (the file itself, a test in a test) is not told.
export default async function* results(source) {
	for await (const { type, data } of source)
		if (type === "test:diagnostic")
			yield `# ${data.message}\n`;
		else if (type === "test:fail" && data.nesting === 0 && data.file !== undefined && data.name !== data.file && data.details.type !== "suite")
			yield JSON.stringify({ name: data.name, file: data.file }) + "\n";
}
