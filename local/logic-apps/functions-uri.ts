import type { Json } from "../json.ts";
import {
  type FunctionGroup,
  textArg,
  type WorkflowFunction,
  wrongValue,
} from "./workflow-function.ts";

/**
 * Functions that take a URI apart.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#uri-parsing-functions
 */
export const uriFunctions: FunctionGroup = {
  uriHost: uriPart("uriHost", (uri) => uri.hostname),
  uriPath: uriPart("uriPath", (uri) => uri.pathname),
  uriPathAndQuery: uriPart("uriPathAndQuery", (uri) => uri.pathname + uri.search),
  uriQuery: uriPart("uriQuery", (uri) => uri.search),
  uriScheme: uriPart("uriScheme", (uri) => uri.protocol.slice(0, -1)),
  uriPort: uriPart("uriPort", (uri) =>
    uri.port === "" ? ({ "https:": 443, "http:": 80 }[uri.protocol] ?? -1) : Number(uri.port),
  ),
};

function uriPart(name: string, part: (uri: URL) => Json): WorkflowFunction {
  return {
    arity: [1, 1],
    call: (args) => {
      const text = textArg(name, args, 0);
      if (!URL.canParse(text)) {
        throw wrongValue(name, "The value is not a valid absolute URI.");
      }
      return part(new URL(text));
    },
  };
}
