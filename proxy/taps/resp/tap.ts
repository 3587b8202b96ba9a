import type { Cause } from '../../../protos/records/causes.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import { rawState } from '../raw.ts';
import type { Side, StreamEnd, Tap, TapState } from '../tap.ts';
import type { Anomaly } from './anomalies.ts';
import { CommandParser } from './command-parser.ts';
import { replyError } from './error-text.ts';
import { eventFields, type Outcome } from './event-fields.ts';
import { breach, judgeEnd, type Standing } from './judge.ts';
import { BLOCKING, EXEC, MONITOR, PSYNC, SYNC } from './kinds.ts';
import { UNKNOWN } from './names.ts';
import { Pairing } from './pairing.ts';
import { type PendingCommand, PendingCommands } from './pending.ts';
import { ReplyParser } from './reply-parser.ts';
import { Run } from './run.ts';

/** Decode the Redis protocol from copies of both directions: one event per command. */
export function createRespTap(context: ConnectionContext): Tap {
  const pending = new PendingCommands();
  const pairing = new Pairing();
  const run = new Run();
  let completed = 0;
  /** Read once per chunk: a pipeline has hundreds of commands in one. */
  let nowMs = 0;
  let commandStartMs = 0;
  let clientName: string | null = null;
  let clientAnomaly: Anomaly | null = null;
  let brokenUpstream: Anomaly | null = null;
  let violation: TapState['violation'] = null;
  /** Bytes of confirmations that are not the last one of their command. */
  let confirmedBytes = 0;
  let pushes = 0;
  let isOpaque = false;
  const ends: { by: Side; how: StreamEnd }[] = [];
  let closed = false;

  const tellRun = (): void => {
    const held = run.take();
    if (held === null) return;
    context.log.event(
      context,
      eventFields(context, held.command, held.outcome, pairing.respVersion, pushes, held.endMs),
    );
    pushes = 0;
  };
  const write = (command: PendingCommand, outcome: Outcome): void => {
    tellRun();
    context.log.event(context, eventFields(context, command, outcome, pairing.respVersion, pushes, nowMs));
    pushes = 0;
  };
  const goOpaque = (): void => {
    isOpaque = true;
    commands.stop();
    replies.stop();
  };
  /** What was sent behind a command that ended the pairing. */
  const leaveUnpaired = (): void => {
    goOpaque();
    while (pending.length > 0) {
      completed++;
      write(pending.shift(), unpaired);
    }
  };
  const current = (): PendingCommand => ({
    startMs: commandStartMs,
    bytes: commands.bytes,
    command: commands.reader.command,
    subcommand: commands.reader.subcommand,
    argumentCount: Math.max(0, commands.reader.count - 1),
    clientName: commands.reader.clientName ?? clientName,
    channel: commands.reader.channel,
  });

  const commands = new CommandParser({
    begin() {
      commandStartMs = nowMs;
    },
    command() {
      const { reader } = commands;
      if (reader.clientName !== null) clientName = reader.clientName;
      if (pairing.suppresses(reader)) {
        completed++;
        write(current(), { ...neutral, reply: 'suppressed' });
        return;
      }
      const hasRoom = pending.push(
        commandStartMs,
        commands.bytes,
        reader.command,
        reader.subcommand,
        reader.count - 1,
        clientName,
        reader.channel,
      );
      if (hasRoom) return;
      write(current(), { ...unpaired, anomalies: ['too_many_pipelined'] });
      leaveUnpaired();
    },
    broken(anomaly) {
      // Redis answers what it cannot read with an error, and closes.
      const { startMs, bytes, command, subcommand, argumentCount, channel } = current();
      pending.push(startMs, bytes, command, subcommand, argumentCount, clientName, channel);
      clientAnomaly = anomaly;
      violation ??= { by: 'client', ...words(breach('client', anomaly)) };
    },
  });

  const replies = new ReplyParser({
    begin() {},
    leavesResp: () => pending.length > 0 && (pending.command === PSYNC || pending.command === SYNC),
    holdsPushes: () => pending.length > 0 && pending.command === EXEC,
    reply() {
      const { reader } = replies;
      const oldest = pending.length > 0 ? pending.command : null;
      switch (pairing.classify(reader, oldest, oldest === null ? 0 : pending.argumentCount)) {
        case 'message':
          pushes++;
          return;
        case 'part':
          confirmedBytes += replies.bytes;
          return;
        case 'reply':
      }
      const error = reader.hasError
        ? replyError(reader.errorText(), reader.errorCut, oldest ?? UNKNOWN)
        : null;
      const replyBytes = replies.bytes + confirmedBytes;
      confirmedBytes = 0;
      completed++;
      if (oldest === null) {
        pairing.unsolicited();
        write(
          { ...nothing, startMs: nowMs, clientName },
          {
            ...neutral,
            reply: 'answered',
            replyType: reader.type,
            replyBytes,
            error,
            anomalies: ['unsolicited_reply'],
          },
        );
        return;
      }
      const isQueued = pairing.isQueued(reader);
      const startsStream = isStream(oldest) && !reader.hasError && !isQueued;
      const reply = startsStream ? 'stream' : isQueued ? 'queued' : 'answered';
      pairing.answered(reader, oldest);
      // The command that could not be read is the last one there is.
      const anomalies = clientAnomaly !== null && pending.length === 1 ? [clientAnomaly] : none;
      const isPlain = error === null && !startsStream && anomalies === none;
      if (isPlain && run.holds(pending.repeats, reply, reader.type)) {
        if (run.begun) run.add(pending.drop(), replyBytes, nowMs);
        else {
          run.begin(pending.shift());
          run.add(0, replyBytes, nowMs);
        }
        if (run.full) tellRun();
      } else {
        if (!isPlain) run.end();
        write(pending.shift(), {
          reply,
          replyType: reader.type,
          replyBytes,
          error,
          failure: null,
          anomalies,
          count: 1,
        });
      }
      if (startsStream) leaveUnpaired();
      // What is sent from here on was not sent ahead of a reply.
      if (pending.length > 0) return;
      tellRun();
      run.end();
    },
    broken(anomaly) {
      tellRun();
      brokenUpstream = anomaly;
      violation ??= { by: 'upstream', ...words(breach('upstream', anomaly)) };
      goOpaque();
    },
  });

  const standing = (): Standing => ({
    pending: pending.length,
    oldest: pending.length > 0 ? pending.command : null,
    midReply: replies.midReply,
    midCommand: commands.midCommand,
    missing: commands.midCommand ? commands.missing() : '',
    brokenClient: clientAnomaly,
    brokenUpstream,
    isOpaque,
  });

  return {
    data(from, chunk) {
      if (isOpaque || closed) return;
      nowMs = epochMs();
      if (from === 'client') commands.push(chunk);
      else replies.push(chunk);
    },
    end(from, how) {
      if (closed) return;
      ends.push({ by: from, how });
      const shutsDown = pending.length > 0 && judgeEnd(standing(), from, how) === null;
      if (!shutsDown) return;
      nowMs = epochMs();
      completed++;
      write(pending.shift(), neutral);
    },
    state() {
      const { midReply } = replies;
      const { midCommand } = commands;
      const waits = pending.length > 0;
      return {
        ...rawState,
        protocol: 'redis',
        phase:
          midReply || (brokenUpstream !== null && waits)
            ? 'response'
            : waits
              ? 'waiting'
              : midCommand
                ? 'request'
                : 'idle',
        openExchanges: pending.length + (midCommand || (midReply && !waits) ? 1 : 0),
        completedExchanges: completed,
        violation,
        patient: brokenUpstream !== null || (waits && !midReply && BLOCKING.has(pending.command)),
      };
    },
    causeOf: (by, how) => judgeEnd(standing(), by, how),
    close(ending) {
      if (closed) return;
      closed = true;
      nowMs = epochMs();
      tellRun();
      const now = standing();
      const end = ends.find(({ by, how }) => judgeEnd(now, by, how)?.cause === ending.cause);
      const failureOf = (own: Partial<Standing>): Outcome['failure'] => {
        const judged = end === undefined ? null : judgeEnd({ ...now, ...own }, end.by, end.how);
        return { ...(judged ?? ending), timedOut: ending.timedOut };
      };
      let replyBytes = confirmedBytes + (now.midReply || brokenUpstream !== null ? replies.bytes : 0);
      let failure = failureOf({});
      let anomalies = brokenUpstream === null ? none : [brokenUpstream];
      while (pending.length > 0) {
        const command = pending.shift();
        if (pending.length === 0 && clientAnomaly !== null) anomalies = [...anomalies, clientAnomaly];
        write(command, { ...neutral, replyBytes, failure, anomalies });
        replyBytes = 0;
        anomalies = none;
        failure = failureOf({ midReply: false });
      }
      if (now.midCommand)
        write(current(), { ...neutral, failure: failureOf({ midReply: false, pending: 0 }) });
      // Nothing is open any more.
      goOpaque();
    },
  };
}

const none: Anomaly[] = [];

const neutral: Outcome = {
  reply: 'none',
  replyType: null,
  replyBytes: 0,
  error: null,
  failure: null,
  anomalies: none,
  count: 1,
};

const unpaired: Outcome = { ...neutral, reply: 'unpaired' };

const nothing: PendingCommand = {
  startMs: 0,
  bytes: 0,
  command: UNKNOWN,
  subcommand: UNKNOWN,
  argumentCount: 0,
  clientName: null,
  channel: null,
};

/** After these what comes is no reply any more. */
const isStream = (command: number): boolean => command === MONITOR || command === PSYNC || command === SYNC;

/** Epoch milliseconds with a fraction; steady when the wall clock is set. */
const epochMs = (): number => performance.timeOrigin + performance.now();

function words(judged: { cause: Cause; error: string }): { cause: Cause; text: string } {
  return { cause: judged.cause, text: judged.error };
}
