package io.aiopslab.tasks.system.chaos;

import static io.aiopslab.tasks.system.chaos.Promise.CALLED_BACK;
import static io.aiopslab.tasks.system.chaos.Promise.DRAINED;
import static io.aiopslab.tasks.system.chaos.Promise.ENDS;
import static io.aiopslab.tasks.system.chaos.Promise.GONE;
import static io.aiopslab.tasks.system.chaos.Promise.KNOWN;
import static io.aiopslab.tasks.system.chaos.Promise.LEGAL;
import static io.aiopslab.tasks.system.chaos.Promise.LOGS;
import static io.aiopslab.tasks.system.chaos.Promise.ONCE;
import static io.aiopslab.tasks.system.chaos.Promise.POISON;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.system.chaos.CallbackReceiver.Call;
import io.aiopslab.tasks.system.chaos.Evidence.Delivery;
import io.aiopslab.tasks.system.chaos.Evidence.Log;
import io.aiopslab.tasks.system.chaos.Evidence.Move;
import io.aiopslab.tasks.system.chaos.RunRecords.Start;
import io.aiopslab.tasks.system.chaos.RunRecords.Stop;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A check that cannot fail is none: each is given what it has to find, and must name it. */
class PromiseTest {
  @Test
  void soundEvidenceBreaksNoPromise() {
    assertThat(Promise.allBroken(new Doctored().evidence())).isEmpty();
  }

  @Test
  void aRequestWhoseAnswerWasLostMayHaveBeenTakenWhole() {
    Doctored sound = new Doctored();
    sound.task("late", "cancelled", "unheard", null);
    sound.moves.add(new Move("late", null, "pending"));
    sound.moves.add(new Move("late", "pending", "cancelled"));
    assertThat(Promise.allBroken(sound.evidence())).isEmpty();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void eachCheckNamesWhatBreaksItsPromise(
      Promise promise, String what, Consumer<Doctored> falsify, String named) {
    Doctored doctored = new Doctored();
    falsify.accept(doctored);
    assertThat(promise.broken(doctored.evidence()))
        .as(what)
        .isNotEmpty()
        .allMatch(sentence -> sentence.contains(named));
  }

  static Stream<Arguments> eachCheckNamesWhatBreaksItsPromise() {
    return Stream.of(
        broken(ENDS, "lost", d -> d.tasks.remove("idle"), "idle"),
        broken(ENDS, "still open", d -> d.task("done", "running", "key", "s-done"), "done"),
        broken(ENDS, "shown otherwise", d -> d.ends.put("failed", "completed"), "failed"),
        broken(ENDS, "answered wrongly", d -> d.contradictions.add("500"), "500"),
        broken(KNOWN, "nobody's", d -> d.task("odd", "cancelled", null, null), "odd"),
        broken(KNOWN, "twice", d -> d.task("twin", "cancelled", "key", null), "twin"),
        broken(KNOWN, "half a batch", PromiseTest::addHalfABatch, "half"),
        broken(
            LEGAL, "out of an end", d -> d.moves.add(move("done", "completed", "failed")), "done"),
        broken(LEGAL, "leap", d -> d.moves.remove(move("done", "pending", "running")), "done"),
        broken(LEGAL, "unrecorded", d -> d.task("idle", "completed", "key", null), "idle"),
        broken(ONCE, "second session", d -> d.starts.add(start("idle", "s-2", 9)), "s-2"),
        broken(ONCE, "started twice", d -> d.starts.add(start("done", "s-done", 9)), "s-done"),
        broken(ONCE, "nobody's run", d -> d.starts.add(start("odd", "s-odd", 9)), "s-odd"),
        broken(ONCE, "two on a cluster", d -> d.stops.put("s-done", stop("digest-1", 3.5)), "c-1"),
        broken(LOGS, "a gap", d -> d.logs.put("done", log("digest-1", 0, 2)), "done"),
        broken(LOGS, "a line too few", d -> d.logs.put("done", log("digest-1", 0)), "done"),
        broken(LOGS, "none", d -> d.logs.remove("failed"), "failed"),
        broken(LOGS, "other lines", d -> d.logs.put("done", log("digest-2", 0, 1)), "done"),
        broken(
            LOGS,
            "more left out than it says",
            d -> d.logs.put("done", new Log(List.of(0L, 1L), "digest-3", 2)),
            "done"),
        broken(LOGS, "completed without an end", d -> d.stops.remove("s-done"), "done"),
        broken(GONE, "a process", d -> d.survivors.put("s-done", List.of(17L)), "17"),
        broken(DRAINED, "a message", d -> d.queues.put("events", 1L), "events"),
        broken(POISON, "not kept", d -> d.deadLetters.remove("bad"), "bad"),
        broken(POISON, "no poison", d -> d.deadLetters.add("good"), "good"),
        broken(CALLED_BACK, "not owed", d -> d.deliveries.remove("done"), "done"),
        broken(CALLED_BACK, "still owed", d -> d.deliveries.put("done", due("pending")), "done"),
        broken(CALLED_BACK, "never came", d -> d.calls.remove(1), "done"),
        broken(CALLED_BACK, "unsigned", d -> d.calls.add(call("done", "completed", false)), "done"),
        broken(CALLED_BACK, "wrong", d -> d.calls.add(call("done", "failed", true)), "done"),
        broken(CALLED_BACK, "nobody's", d -> d.calls.add(call("idle", "cancelled", true)), "idle"));
  }

  private static void addHalfABatch(Doctored doctored) {
    doctored.asked.put("unheard", 2);
    doctored.task("half", "cancelled", "unheard", null);
  }

  private static Arguments broken(
      Promise promise, String what, Consumer<Doctored> falsify, String named) {
    return Arguments.of(promise, what, falsify, named);
  }

  private static Move move(String id, String from, String to) {
    return new Move(id, from, to);
  }

  private static Start start(String task, String session, double at) {
    return new Start(task, session, "c-2", 300, at);
  }

  private static Stop stop(String sha256, double at) {
    return new Stop(2, sha256, "end", at);
  }

  private static Log log(String sha256, long... seqs) {
    return new Log(Arrays.stream(seqs).boxed().toList(), sha256);
  }

  private static Delivery due(String state) {
    return new Delivery("msg_done", state, 1);
  }

  private static Call call(String task, String status, boolean signed) {
    return new Call("msg_" + task, task, status, signed, 204);
  }
}
