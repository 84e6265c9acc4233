import * as logSchemas from './log-schemas.ts';
import * as releaseSchemas from './release-schemas.ts';
import * as rolloutSchemas from './rollout-schemas.ts';
import * as schemas from './schemas.ts';
import * as statusSchemas from './status-schemas.ts';

/** What a name in the method table stands for. It brings the schema library: for control and the published description alone. */
export const shapes = { ...schemas, ...statusSchemas, ...rolloutSchemas, ...logSchemas, ...releaseSchemas };

type Shapes = typeof shapes;

export type SchemaName = {
  [Name in keyof Shapes]: Shapes[Name] extends { '~kind': string } ? Name : never;
}[keyof Shapes];
