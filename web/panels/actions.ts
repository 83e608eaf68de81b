// What an operator can do to a region, each confirmed first: buttons are there for those whose scopes allow them, and
// the daemon writes down who did what.

import {get, may, send, sessionNow} from '../daemon.ts';
import {button, byId, make, setText} from '../dom.ts';
import type {KillSwitches, Status, Tick} from '../wire.ts';

const SWITCHES_EVERY_MS = 5_000;
const WHOLE_REGION = '*';

type Question = {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  /** It stops what others live on. */
  readonly isGrave?: boolean;
  /** Label by name: each must be filled in. */
  readonly fields?: Readonly<Record<string, {readonly label: string; readonly value?: string; readonly most: number}>>;
};

/** What was filled in, by name; undefined where it was called off. */
function confirm({
  title,
  text,
  yes,
  isGrave = false,
  fields = {},
}: Question): Promise<Record<string, string> | undefined> {
  const dialog = byId<HTMLDialogElement>('confirm');
  setText('confirm-title', title);
  setText('confirm-text', text);
  setText('confirm-yes', yes);
  byId('confirm-yes').classList.toggle('grave', isGrave);
  const inputs = Object.entries(fields).map(([name, {label, value = '', most}]) => {
    const input = make('input');
    Object.assign(input, {id: `confirm-${name}`, name, value, required: true, maxLength: most, autocomplete: 'off'});
    const told = make('label', '', label);
    told.htmlFor = input.id;
    return {name, input, row: make('div', 'field', told, input)};
  });
  byId('confirm-fields').replaceChildren(...inputs.map(({row}) => row));
  dialog.returnValue = 'no';
  dialog.showModal();
  (inputs[0]?.input ?? byId('confirm-no')).focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const isYes = dialog.returnValue === 'yes';
        resolve(isYes ? Object.fromEntries(inputs.map(({name, input}) => [name, input.value.trim()])) : undefined);
      },
      {once: true},
    );
  });
}

export function startActions(regionOf: () => string, onChange: () => void) {
  byId('confirm-no').addEventListener('click', () => byId<HTMLDialogElement>('confirm').close('no'));
  let isPaused: boolean | undefined;
  let switchesReadMs = Number.NEGATIVE_INFINITY;

  /** Asks, does it, and says how it went. */
  async function act(question: Question, run: (told: Record<string, string>) => Promise<string>): Promise<void> {
    const told = await confirm(question);
    if (!told) return;
    setText('action-told', '…');
    try {
      setText('action-told', await run(told));
    } catch (error) {
      setText('action-told', (error as Error).message);
    }
    switchesReadMs = Number.NEGATIVE_INFINITY;
    onChange();
  }

  /** Each asks and acts for the region that stands when it is begun, whatever is chosen while the question is open. */
  const tickNow = (regionId = regionOf()) =>
    act(
      {
        title: 'Tick now',
        text: `Run one tick of ${regionId} outside the cadence? Offers are made at once.`,
        yes: 'Tick',
      },
      async () => {
        const {tick, landed} = await send<{tick: Tick; landed: unknown[]}>('POST', '/internal/dispatch/tick', {
          regionId,
        });
        return `Tick ${tick.id.slice(-6)}: ${landed.length} offers.`;
      },
    );

  const expireNow = (regionId = regionOf()) =>
    act({title: 'Expire now', text: `Close the offers of ${regionId} that are due?`, yes: 'Expire'}, async () => {
      const {expired, failed} = await send<{expired: number; failed: number}>(
        'POST',
        '/internal/dispatch/expire_offers',
        {regionId},
      );
      return `${expired} offers timed out, ${failed} tasks failed.`;
    });

  const pauseOrResume = (regionId = regionOf()) => {
    const verb = isPaused ? 'resume' : 'pause';
    const text = isPaused
      ? `Let this daemon tick ${regionId} again?`
      : `Stop this daemon from ticking ${regionId}? Offers still expire, and drivers go on with what they have.`;
    return act(
      {
        title: `${isPaused ? 'Resume' : 'Pause'} ${regionId}`,
        text,
        yes: isPaused ? 'Resume' : 'Pause',
        isGrave: !isPaused,
      },
      async () => {
        await send('POST', `/internal/dispatch/regions/${encodeURIComponent(regionId)}/${verb}`);
        return isPaused ? 'Ticking again.' : 'Paused.';
      },
    );
  };

  const switchPath = (regionId: string, category: string) =>
    `/v1/regions/${encodeURIComponent(regionId)}/kill-switches/${encodeURIComponent(category)}`;

  const switchOff = (regionId = regionOf()) =>
    act(
      {
        title: `Kill switch in ${regionId}`,
        text: 'No offer of this category is made from now on, by any daemon. * stands for the whole region.',
        yes: 'Switch off',
        isGrave: true,
        fields: {category: {label: 'Category', value: WHOLE_REGION, most: 64}, reason: {label: 'Reason', most: 300}},
      },
      async ({category = '', reason}) => {
        await send('PUT', switchPath(regionId, category), {reason, actor: sessionNow()?.caller});
        return `${category} is switched off.`;
      },
    );

  const switchOn = (category: string, regionId = regionOf()) =>
    act(
      {
        title: `Switch ${category} on again`,
        text: 'Offers of it are made again, from the next tick on.',
        yes: 'Switch on',
        fields: {reason: {label: 'Reason', most: 300}},
      },
      async ({reason = ''}) => {
        const query = new URLSearchParams({reason, actor: sessionNow()?.caller ?? 'operator'});
        await send('DELETE', `${switchPath(regionId, category)}?${query}`);
        return `${category} is switched on.`;
      },
    );

  function buttons(): HTMLButtonElement[] {
    return [
      ...(may('ops', 'services') ? [button('act', 'Tick now', tickNow), button('act', 'Expire now', expireNow)] : []),
      ...(may('ops')
        ? [
            button('act', isPaused ? 'Resume region' : 'Pause region', pauseOrResume),
            button('act danger', 'Kill switch', switchOff),
          ]
        : []),
    ];
  }

  async function readSwitches(): Promise<void> {
    if (performance.now() - switchesReadMs < SWITCHES_EVERY_MS) return;
    switchesReadMs = performance.now();
    const regionId = regionOf();
    const path = `/v1/regions/${encodeURIComponent(regionId)}/kill-switches`;
    const found = await get<KillSwitches>(path).catch(() => undefined);
    if (!found || regionId !== regionOf()) return;
    const standing = found.killSwitches.filter(({until}) => until === null);
    byId('switches').replaceChildren(
      ...standing.map(({category, reason, setBy, since}) =>
        make(
          'li',
          '',
          make('b', '', category === WHOLE_REGION ? 'the whole region' : category),
          make('span', 'dim', `off since ${since.slice(0, 16).replace('T', ' ')} by ${setBy ?? 'somebody'}: ${reason}`),
          ...(may('ops') ? [button('act', 'Switch on', () => switchOn(category))] : []),
        ),
      ),
    );
    byId('actions').hidden = buttons().length === 0 && standing.length === 0;
  }

  return {
    show({paused}: Status): void {
      if (paused !== isPaused) {
        isPaused = paused;
        const made = buttons();
        byId('action-buttons').replaceChildren(...made);
        byId('actions').hidden = made.length === 0;
      }
      void readSwitches();
    },
    /** After signing in, or of another region. */
    restart() {
      isPaused = undefined;
      switchesReadMs = Number.NEGATIVE_INFINITY;
      setText('action-told', '');
    },
  };
}
