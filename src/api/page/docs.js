// The API page: the OpenAPI document of this very daemon, laid out for reading.

const LISTED = ['get', 'post', 'put', 'delete'];

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A schema as one short phrase: its type, what it is for, and its bounds. */
function phrase(schema, components) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.anyOf) return schema.anyOf.map((one) => phrase(one, components)).join(' or ');
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array')
    return `array of ${Array.isArray(schema.items) ? 'tuples' : phrase(schema.items, components)}`;
  if (schema.type === 'object') return schema.properties ? `{${Object.keys(schema.properties).join(', ')}}` : 'object';
  const bounds = [
    schema.minimum !== undefined && `≥ ${schema.minimum}`,
    schema.maximum !== undefined && `≤ ${schema.maximum}`,
  ];
  return [schema.title ?? schema.type, ...bounds.filter(Boolean)].join(', ');
}

function fieldsOf(schema, components) {
  const whole = schema.$ref ? components[schema.$ref.split('/').at(-1)] : schema;
  const rows = fieldRows(objectIn(whole), '', components);
  return rows.length > 0 ? make('table', '', make('tbody', '', ...rows)) : make('p', 'dim', phrase(whole, components));
}

const objectIn = (schema) => schema.anyOf?.find((one) => one.type === 'object') ?? schema;

/** The fields of an object, each followed by those inside it, unless these have a name of their own. */
function fieldRows({properties = {}, required = []}, prefix, components) {
  return Object.entries(properties).flatMap(([name, field]) => {
    const needed = required.includes(name) ? '' : ' (optional)';
    const inner = objectIn(field.type === 'array' && field.items ? field.items : field);
    const inside = fieldRows(inner, `${prefix}${name}${field.type === 'array' ? '[]' : ''}.`, components);
    const what = inside.length > 0 && !field.anyOf ? field.type : phrase(field, components);
    return [row(prefix + name + needed, [what, field.description].filter(Boolean).join('. ')), ...inside];
  });
}

function row(name, says) {
  return make('tr', '', make('td', '', make('code', '', name)), make('td', 'dim', says));
}

function linkTo(id, says) {
  const link = make('a', '', says);
  link.href = `#${id}`;
  return link;
}

function part(title, content) {
  return [make('h4', '', title), content];
}

function operationPanel(path, verb, operation, components) {
  const panel = make('section', 'panel');
  panel.id = operation.operationId;
  panel.append(make('h3', '', make('span', `verb verb-${verb}`, verb.toUpperCase()), path));
  panel.append(make('p', '', operation.summary ?? ''));
  if (operation.description) panel.append(make('p', 'dim', operation.description));
  if (operation.parameters) {
    const rows = operation.parameters.map(({name, in: where, required, schema, description}) =>
      row(
        `${name}${required ? '' : ' (optional)'}`,
        [`in ${where}`, phrase(schema, components), description].filter(Boolean).join('. '),
      ),
    );
    panel.append(...part('Parameters', make('table', '', make('tbody', '', ...rows))));
  }
  const body = operation.requestBody?.content['application/json']?.schema;
  if (body)
    panel.append(
      ...part(operation.requestBody.required === false ? 'Body (optional)' : 'Body', fieldsOf(body, components)),
    );
  const answers = Object.entries(operation.responses).map(([status, {description, content}]) => {
    const shapes = Object.values(content ?? {}).map((media) => phrase(media.schema, components));
    const shape = shapes.join(' or ');
    return row(status, [description === 'Default Response' ? '' : description, shape].filter(Boolean).join(' '));
  });
  panel.append(...part('Answers', make('table', '', make('tbody', '', ...answers))));
  return panel;
}

async function show() {
  const {info, tags, paths, components, 'x-problems': problems} = await (await fetch('/docs/json')).json();
  const list = Object.entries(paths).flatMap(([path, verbs]) =>
    LISTED.filter((verb) => verbs[verb]).map((verb) => ({path, verb, operation: verbs[verb]})),
  );
  const index = document.getElementById('index');
  const article = document.getElementById('operations');
  article.replaceChildren(make('p', '', info.description));
  for (const {name, description} of tags) {
    const own = list.filter(({operation}) => operation.tags.includes(name));
    index.append(make('h2', '', name));
    article.append(make('h2', '', name), make('p', 'dim', description));
    for (const {path, verb, operation} of own) {
      index.append(linkTo(operation.operationId, operation.summary));
      article.append(operationPanel(path, verb, operation, components.schemas));
    }
  }
  index.append(make('h2', '', 'shapes'));
  article.append(make('h2', '', 'Shapes'));
  for (const [name, schema] of Object.entries(components.schemas)) {
    const panel = make('section', 'panel', make('h3', '', name), fieldsOf(schema, components.schemas));
    panel.id = name;
    index.append(linkTo(name, name));
    article.append(panel);
  }
  article.append(make('h2', '', 'Problem codes'), problemPanel(problems));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function problemPanel(codes) {
  const rows = codes.map(({code, status, title}, i) => {
    const line = row(code, `${status} ${title}`);
    // Some codes stand under two statuses.
    if (codes.findIndex((one) => one.code === code) === i) line.id = code;
    return line;
  });
  return make('section', 'panel', make('table', '', make('tbody', '', ...rows)));
}

show().catch((error) => {
  document
    .getElementById('operations')
    .replaceChildren(make('p', 'empty', `The document cannot be read: ${error.message}`));
});
