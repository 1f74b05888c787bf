import fc from 'fast-check';
import { beforeAll, test } from 'vitest';
import { runs } from '../../support/chance.ts';
import { describeAnyPostgres, type Postgres, startPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import { Observer } from './observer.ts';
import { type Member, startFleet, synchronousStandby, untilReady } from './scene.ts';
import { expectAlike, KEYS, untilTaken } from './traffic.ts';

/*
 * Whatever Hubs, users and accidents do to a fleet, in whatever order: it behaves like one Signalbox (test/support/history.ts says what
 * that means), and in the end all replicas are alike.
 */

/** A fleet whose database has a synchronous standby, and an address that moves. */
class World {
  readonly members: readonly Member[];
  primary: Postgres;
  standby: Postgres;
  observer: Observer;
  /** What is under way: a Hub makes ten requests at a time. */
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #dead = new Set<Member>();
  readonly #paused = new Set<Member>();

  private constructor(members: readonly Member[], primary: Postgres, standby: Postgres, observer: Observer) {
    this.members = members;
    this.primary = primary;
    this.standby = standby;
    this.observer = observer;
  }

  static async start(): Promise<World> {
    const primary = await startPostgres({ settings: { max_wal_senders: 10 } });
    const standby = await synchronousStandby(primary);
    const { members } = await startFleet({ proxy: anyProxy(), postgres: primary });
    return new World(members, primary, standby, await Observer.start());
  }

  member(index: number): Member {
    return this.members[index % this.members.length] as Member;
  }

  /** A change; as soon as it is answered, users of its key and Hubs ask all replicas. */
  async change(work: Promise<number>, key: string): Promise<void> {
    const done = work.then((status) => {
      if (status >= 300) return;
      return Promise.all(
        this.members.flatMap((member) => [this.observer.visit(member, key), this.observer.read(member)]),
      );
    });
    await this.begin(done);
  }

  async begin(work: Promise<unknown>): Promise<void> {
    const done = work.finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
    if (this.#underWay.size >= 10) await Promise.race(this.#underWay);
  }

  pause(member: Member): void {
    if (this.#dead.has(member)) return;
    member.kill('SIGSTOP');
    this.#paused.add(member);
  }

  resume(member: Member): void {
    if (this.#paused.delete(member)) member.kill('SIGCONT');
  }

  async kill(member: Member): Promise<void> {
    if (this.#dead.has(member)) return;
    this.resume(member);
    this.#dead.add(member);
    await member.stop('SIGKILL');
  }

  async revive(member: Member): Promise<void> {
    if (this.#dead.delete(member)) await member.restart();
  }

  /** The primary is gone; the standby takes its place and its address, and gets a standby of its own. */
  async failOver(): Promise<void> {
    await this.primary.kill();
    await this.standby.promote();
    this.primary = this.standby;
    for (const { cable } of this.members) {
      cable.lead(this.primary.port);
      cable.drop();
    }
    this.standby = await synchronousStandby(this.primary);
  }

  async crash(): Promise<void> {
    await this.primary.kill();
    await this.primary.start();
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    for (const member of this.members) {
      this.resume(member);
      member.cable.restore();
    }
    for (const member of this.members) {
      await this.revive(member);
      await untilReady(member);
    }
    await Promise.all(this.#underWay);
  }
}

type Model = Record<string, never>;
type Step = fc.AsyncCommand<Model, World>;

/** A step with words for whoever reads how a run failed. */
function step(words: string, run: (world: World) => unknown): Step {
  return {
    check: () => true,
    run: async (_, world) => void (await run(world)),
    toString: () => words,
  };
}

const index = fc.nat(11);
const key = fc.constantFrom(...KEYS.slice(0, 6));
const of = (name: string, run: (world: World, member: Member) => unknown) =>
  index.map((i) => step(`${name} ${i % 3}`, (world) => run(world, world.member(i))));

const requests = [
  fc.tuple(index, key, index).map(([i, one, target]) =>
    step(`POST ${one} ${target % 4} by ${i % 3}`, (world) => {
      const { observer } = world;
      return world.change(observer.set(world.member(i), one, observer.target(target)), one);
    }),
  ),
  fc
    .tuple(index, key)
    .map(([i, one]) =>
      step(`DELETE ${one} by ${i % 3}`, (world) => world.change(world.observer.remove(world.member(i), one), one)),
    ),
  fc.tuple(index, fc.uniqueArray(key, { maxLength: 4 }), index).map(([i, keys, target]) =>
    step(`PUT ${keys} ${target % 4} by ${i % 3}`, (world) => {
      const { observer } = world;
      const table = Object.fromEntries(keys.map((one) => [one, observer.target(target)]));
      return world.change(observer.put(world.member(i), table), KEYS[i % 6] as string);
    }),
  ),
  of('GET by', (world, member) => world.begin(world.observer.read(member))),
  fc
    .tuple(index, key)
    .map(([i, one]) =>
      step(`a user of ${one} at ${i % 3}`, (world) => world.begin(world.observer.visit(world.member(i), one))),
    ),
  fc.constant(step('10 answers', (world) => untilTaken(world.observer, 10))),
];

const accidents = [
  of('pause', (world, member) => world.pause(member)),
  of('resume', (world, member) => world.resume(member)),
  of('kill', (world, member) => world.kill(member)),
  of('revive', (world, member) => world.revive(member)),
  of('cut', (_, { cable }) => cable.cut()),
  of('restore', (_, { cable }) => cable.restore()),
  fc.constant(step('crash of the database', (world) => world.crash())),
  fc.constant(step('failover of the database', (world) => world.failOver())),
];

describeAnyPostgres('a fleet', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);

  test('behaves like one Signalbox, whatever happens to it', async () => {
    const weighted = [
      ...[requests[0], requests[0], requests[1], requests[2], requests[3], requests[4], requests[4]],
      ...requests,
      ...requests,
      ...accidents,
    ] as fc.Arbitrary<Step>[];
    await fc.assert(
      fc.asyncProperty(fc.commands(weighted, { maxCommands: 60, size: 'max' }), async (steps) => {
        world.observer = await Observer.start();
        try {
          await world.observer.put(world.member(0), {});
          await fc.asyncModelRun(() => ({ model: {}, real: world }), steps);
        } finally {
          await world.heal();
        }
        await expectAlike(world.observer, world.members);
      }),
      { ...runs(16), endOnFailure: true },
    );
  }, 600_000);
});
