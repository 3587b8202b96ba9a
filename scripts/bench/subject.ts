/** The upstream the soak run asks. */
export { startH2Upstream as startUpstream } from './subjects/upstream.ts';
