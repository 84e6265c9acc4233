import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Media {
  schema?: object;
  itemSchema?: object;
}

interface Operation {
  parameters?: { name: string; schema: object }[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

/** What a description of the API says that is asked and answered. */
export class Contract {
  readonly #ajv = new Ajv2020({ strict: false, coerceTypes: true });
  readonly paths: Record<string, Record<string, Operation>>;

  constructor(document: { paths: Record<string, Record<string, Operation>> }) {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'api');
    this.paths = document.paths;
  }

  /** Whether this is the answer, or a line of it, that it has for a route, a status and a media type. */
  fits(value: unknown, path: string, verb: string, status: number | string, type: string): boolean {
    const media = this.paths[path]?.[verb]?.responses[status]?.content?.[type];
    return media !== undefined && this.#valid(media.itemSchema ?? media.schema ?? {}, value);
  }

  /** Whether such a request is described: its verb, the parameters in its query, its body. */
  takes(url: string, verb: string, body: string): boolean {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const operation = this.paths[pathname]?.[verb];
    if (operation === undefined) return false;
    const { parameters = [], requestBody } = operation;
    const known = [...searchParams].every(([name, value]) => {
      const parameter = parameters.find((each) => each.name === name);
      return parameter !== undefined && this.#valid(parameter.schema, value);
    });
    if (!known || body === '') return known && requestBody?.required !== true;
    return this.#valid(requestBody?.content['application/json']?.schema ?? false, JSON.parse(body));
  }

  #valid(schema: object | boolean, value: unknown): boolean {
    // Its references are relative to the document.
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
    return this.#ajv.validate(absolute, structuredClone(value)) as boolean;
  }
}
