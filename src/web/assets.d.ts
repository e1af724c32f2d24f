/* Style sheets come into the scripts as minified text (build.mjs). */
declare module "*.css" {
	const text: string;
	export default text;
}
