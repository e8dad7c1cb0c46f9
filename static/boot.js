// Opens the only way from text to something that the browser runs, and starts the page.
//
// The page's policy lets no script run but the two that stand in the page itself, known by their
// hashes, and what they load. Text becomes markup or a script's address only through the policy
// below (Trusted Types), whoever asks; there can be no second one.

// Markup that does nothing: these elements, with attributes that load and run nothing. The page's
// static parts are made from such text; what users and venues write never is.
const HARMLESS = new RegExp(
  "</?(?:article|b|button|caption|circle|code|dd|div|dl|dt|em|fieldset|footer|form|g|h[1-6]|header|hr" +
    "|br|i|kbd|label|legend|li|line|main|nav|ol|optgroup|option|p|path|polyline|pre|rect|section|select" +
    "|small|span|strong|sub|sup|svg|table|tbody|td|tfoot|th|thead|time|tr|ul)" +
    "(?: (?:class|id|role|type|for|name|value|lang|dir|title|hidden|disabled|scope|colspan|rowspan" +
    "|tabindex|datetime|viewBox|d|points|fill|stroke|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|width|height" +
    '|aria-[a-z]+|data-[a-z-]+)(?:="[^"]*")?)*>',
  "g",
);

// Whatever else is loaded as a script, is loaded by one of these.
const SCRIPTS = ["%TIDEMARK_START%", "sw.js"].map((name) => new URL(name, document.baseURI).href);

const allow = {
  createHTML: (text) => (text.replace(HARMLESS, "").includes("<") ? null : text),
  createScriptURL: (url) => (SCRIPTS.includes(new URL(url, document.baseURI).href) ? url : null),
};
// The name by which browsers ask whatever the caller knows of it. Where they don't, nobody asks.
window.trustedTypes?.createPolicy("default", allow);

const start = document.createElement("script");
start.type = "module";
start.src = SCRIPTS[0];
document.head.append(start);
