import { page as benchmarks, resultsOf } from '../../test/bench/report/page.ts';
import { groups } from '../../test/conformance/cases/index.ts';
import { differencesDocument } from '../../test/conformance/differences.ts';
import { activityCases } from '../../test/integration/activity/cases.ts';
import { withMatrix } from '../../test/integration/activity/table.ts';
import { traefikDifferences } from '../../test/support/traefik-differences.ts';
import { withDifferences } from '../../test/support/traefik-document.ts';
import { chpPage } from './chp.ts';
import { cliPage } from './cli.ts';
import { configurationPage } from './configuration.ts';
import { restApiPage } from './rest-api.ts';
import { templatesReferencePage } from './templates-reference.ts';

/** The pages of docs/ that are made, wholly or in part: what each becomes, made from the code and from what it is now. */
export const PAGES: Readonly<Record<string, (now: string) => string | Promise<string>>> = {
  'activity.md': (now) => withMatrix(now, activityCases),
  'benchmarks.md': (now) => benchmarks(resultsOf(now)),
  'chp.md': chpPage,
  'cli.md': cliPage,
  'configuration.md': configurationPage,
  'differences-from-chp.md': () => differencesDocument(groups),
  'proxies.md': (now) => withDifferences(now, traefikDifferences),
  'rest-api.md': restApiPage,
  'templates-reference.md': templatesReferencePage,
};
