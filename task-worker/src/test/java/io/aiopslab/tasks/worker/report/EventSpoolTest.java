package io.aiopslab.tasks.worker.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.broker.Outgoing;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.task.LogLevel;
import io.aiopslab.tasks.task.TaskResult;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class EventSpoolTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private final UUID task = UUID.randomUUID();
  private final UUID session = UUID.randomUUID();
  @TempDir Path directory;

  @Test
  void advancesOverWhatArrivedAndDeletesWhenDone() throws IOException {
    EventSpool spool = spool("1GB");
    RunReport report = open(spool, 1000);
    report.say(new RunEventBody.Started());
    say(report, "one", "two");
    report.finish(EventSpoolTest::completed);

    SpoolBatch batch = SpoolBatch.from(spool.files());
    assertThat(ids(batch)).containsExactly(session + ":0", session + ":1", session + ":2");
    assertThat(batch.confirm(Set.of(session + ":0", session + ":2")).values()).containsExactly(1);
    assertThat(ids(SpoolBatch.from(spool.files()))).containsExactly(session + ":1", session + ":2");

    SpoolBatch again = SpoolBatch.from(spool.files());
    assertThat(again.confirm(Set.copyOf(ids(again))).values()).containsExactly(2);
    assertThat(spool.files().get(0).isDone()).isTrue();
    spool.forget(spool.files().get(0));
    assertThat(spool.bytes()).isZero();
    spool.close();
    assertThat(eventFiles()).isEmpty();
  }

  @Test
  void aLaterProcessSendsWhatIsLeftAndSkipsATornRecord() throws IOException {
    EventSpool killed = spool("1GB");
    RunReport report = open(killed, 1000);
    report.say(new RunEventBody.Started());
    say(report, "one");
    report.say(new RunEventBody.Measured(Map.of("a", 1.0)));
    killed.close();
    Path file = eventFiles().get(0);
    long size = Files.size(file);
    try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size - 5);
    }

    EventSpool next = spool("1GB");
    SpoolBatch batch = SpoolBatch.from(next.files());
    assertThat(events(batch).stream().map(event -> event.body().kind()))
        .containsExactly("started", "logs");
    batch.confirm(Set.copyOf(ids(batch)));
    assertThat(next.files().get(0).isDrained()).isTrue();
    assertThat(next.abandoned()).hasSize(1);
    next.close();
  }

  @Test
  void whatWasDamagedOnDiskIsSetAsideAndTheWholeEventsBeforeItAreSent() throws IOException {
    EventSpool killed = spool("1GB");
    RunReport report = open(killed, 1000);
    report.start();
    report.say(new RunEventBody.Measured(Map.of("a", 1.0)));
    report.say(new RunEventBody.Measured(Map.of("b", 2.0)));
    killed.close();
    Path file = eventFiles().get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    EventSpool next = spool("1GB");
    assertThat(events(SpoolBatch.from(next.files())).stream().map(RunEvent::seq))
        .containsExactly(0L, 1L);
    next.close();
    assertThat(names()).contains(session + ".events.corrupt");
  }

  @Test
  void aFileThatIsCutAnywhereLosesOnlyTheEventThatWasCut() throws IOException {
    long seed = System.nanoTime();
    System.out.println("EventSpoolTest: cuts with seed " + seed);
    Random random = new Random(seed);
    EventSpool killed = spool("1GB");
    RunReport report = open(killed, 1_000_000);
    report.start();
    for (int i = 0; i < 20; i++) {
      say(report, "x".repeat(random.nextInt(300)));
      report.say(new RunEventBody.Measured(Map.of("m" + i, random.nextDouble())));
    }
    report.finish(EventSpoolTest::completed);
    List<Long> ends = new ArrayList<>();
    SpoolFile written = killed.files().get(0);
    for (var next = written.read(0); next.isPresent(); next = written.read(last(ends))) {
      ends.add(next.get().end());
    }
    assertThat(ends).hasSize(42);
    killed.close();
    Path file = eventFiles().get(0);
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < 150; i++) {
      int cut = i < ends.size() ? (int) (long) ends.get(i) : random.nextInt(bytes.length + 1);
      byte[] kept = Arrays.copyOf(bytes, cut);
      Files.write(file, kept);
      List<SpoolFile> found = SpoolDirectory.takeOver(directory).files();
      long whole = ends.stream().filter(end -> end <= cut).count();
      if (cut > 0 && whole == 0) {
        assertThat(found).as("seed %d, cut at %d", seed, cut).isEmpty();
      } else {
        assertThat(events(SpoolBatch.from(found)).size())
            .as("seed %d, cut at %d", seed, cut)
            .isEqualTo((int) whole);
        found.get(0).close();
      }
    }
  }

  private static long last(List<Long> ends) {
    return ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
  }

  @Test
  void whateverLiesInTheDirectoryTheWorkerStartsAndSendsTheRest() throws IOException {
    EventSpool killed = spool("1GB");
    RunReport report = open(killed, 1000);
    report.start();
    report.finish(EventSpoolTest::completed);
    killed.close();
    byte[] garbage = new byte[100_000];
    new Random(5).nextBytes(garbage);
    Files.write(directory.resolve(UUID.randomUUID() + ".events"), garbage);
    garbage[0] = 0; // the length of a large record
    Files.write(directory.resolve(UUID.randomUUID() + ".events"), garbage);
    Files.write(directory.resolve("no session.events"), new byte[] {1});
    Files.write(directory.resolve(".events"), new byte[0]);
    Files.createDirectories(directory.resolve(UUID.randomUUID() + ".events").resolve("inside"));
    Files.createSymbolicLink(
        directory.resolve(UUID.randomUUID() + ".events"), Path.of("/dev/zero"));
    Path secret = Files.write(directory.resolve(UUID.randomUUID() + ".prepared"), new byte[9]);
    Files.setPosixFilePermissions(secret, Set.of());
    Files.write(directory.resolve("notes.txt"), new byte[] {1});

    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    EventSpool next = new EventSpool(settings("1GB"), meters);
    assertThat(events(SpoolBatch.from(next.files()))).hasSize(2);
    assertThat(meters.counter("aiopslab.worker.spool.corrupt").count()).isEqualTo(7);
    next.close();
    assertThat(names().stream().filter(name -> name.endsWith(".corrupt"))).hasSize(7);
    assertThat(names()).contains("notes.txt");
  }

  @Test
  void aLongRunGivesBackTheSpaceOfWhatHasArrivedWhenItIsNeededAndALaterProcessKnowsWhereItWas()
      throws IOException {
    EventSpool spool = spool("2200KB");
    RunReport report = open(spool, Long.MAX_VALUE);
    report.start();
    SpoolFile file = spool.files().get(0);
    while (file.size() < 2_200 * 1024) {
      say(report, "x".repeat(400));
    }
    while (!file.isDrained()) {
      SpoolBatch batch = SpoolBatch.from(spool.files());
      batch.confirm(Set.copyOf(ids(batch)));
    }
    long before = file.size();
    long seq = file.report().orElseThrow().lastSeq();
    assertThat(before).as("kept until it is stored").isGreaterThan(2_000_000);
    assertThat(spool.hasRoomForLogs()).isTrue();
    assertThat(file.size()).isBetween(1L, 400_000L);
    assertThat(file.report().orElseThrow().steps()).as("only its end is asked about").isNull();
    spool.close();

    EventSpool next = spool("1GB");
    List<RunEvent> left = events(SpoolBatch.from(next.files()));
    assertThat(left).hasSize(1);
    assertThat(left.get(0).seq()).isEqualTo(seq);
    assertThat(next.files().get(0).report().orElseThrow().steps()).isNull();
    next.close();
  }

  @Test
  void anEventIsOnTheDiskBeforeARunIsOver() throws IOException {
    EventSpool spool = spool("1GB");
    RunReport report = open(spool, 1000);
    report.start();
    report.finish(EventSpoolTest::completed);
    assertThat(spool.files().get(0).isForced()).isTrue();
    spool.close();
  }

  @Test
  void aFullSpoolDropsLogLinesAndCountsThem() throws IOException {
    EventSpool spool = spool("1B");
    RunReport report = open(spool, 1000);
    say(report, "kept, as there is room");
    say(report, "dropped", "dropped too");
    report.say(new RunEventBody.Measured(Map.of("a", 1.0)));
    report.finish(EventSpoolTest::completed);

    List<RunEvent> events = events(SpoolBatch.from(spool.files()));
    assertThat(events.stream().map(RunEvent::seq)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(events.stream().map(event -> event.body().kind()))
        .containsExactly("logs", "metrics", "logs", "finished");
    Logged last = (Logged) events.get(2).body();
    assertThat(last.firstSeq()).isEqualTo(1);
    assertThat(last.lines().get(0).message()).startsWith("2 log lines (200 bytes) were left out");
    spool.close();
  }

  @Test
  void linesForWhichThereIsNoRoomWaitUntilThereIs() throws IOException {
    EventSpool spool = spool("2KB");
    RunReport report = open(spool, 10_000);
    long kept = 0;
    while (spool.bytes() < 2048) {
      say(report, "kept, as there is room");
      kept++;
    }
    say(report, "waits");
    say(report, "waits too");
    SpoolBatch batch = SpoolBatch.from(spool.files());
    assertThat(events(batch)).hasSize((int) kept);

    batch.confirm(Set.copyOf(ids(batch)));
    report.flush();
    List<RunEvent> events = events(SpoolBatch.from(spool.files()));
    assertThat(events).hasSize(1);
    Logged waited = (Logged) events.get(0).body();
    assertThat(waited.firstSeq()).isEqualTo(kept);
    assertThat(waited.lines().stream().map(Logged.Line::message))
        .containsExactly("waits", "waits too");
    spool.close();
  }

  @Test
  void aFullSpoolGivesUpTheOldestThatTheBrokerHasBeforeItLeavesOutLines() throws IOException {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    EventSpool spool = new EventSpool(settings("1900B"), meters);
    SpoolFile oldest = ended(spool, UUID.randomUUID());
    SpoolFile newer = ended(spool, UUID.randomUUID());
    assertThat(spool.bytes()).isEqualTo(oldest.size() + newer.size()).isGreaterThan(1900);
    assertThat(eventFiles()).containsExactlyInAnyOrder(oldest.path(), newer.path());

    RunReport report = open(spool, 1000);
    say(report, "kept, as there is room again");
    assertThat(eventFiles())
        .containsExactlyInAnyOrder(newer.path(), directory.resolve(session + ".events"));
    assertThat(meters.counter("aiopslab.worker.spool.given.up").count()).isEqualTo(1);
    assertThat(meters.get("aiopslab.worker.spool.kept.bytes").gauge().value())
        .isEqualTo((double) newer.size());
    spool.close();
  }

  @Test
  void whatIsKeptCanRestBeSentAgainAndBeSetAside() throws IOException {
    EventSpool spool = spool("1GB");
    SpoolFile file = ended(spool, session);
    file.rest();
    KeptRun run = new KeptRun(file);
    assertThat(spool.kept().take(run)).as("another one's").isFalse();
    spool.sendAgain(onlyKept(spool));
    assertThat(ids(SpoolBatch.from(spool.files()))).hasSize(3);
    assertThat(file.sendings()).isEqualTo(2);

    SpoolBatch batch = SpoolBatch.from(spool.files());
    batch.confirm(Set.copyOf(ids(batch)));
    spool.keep(file);
    assertThat(spool.kept().take(onlyKept(spool))).isTrue();
    assertThat(Files.size(file.setAside())).isPositive();
    assertThat(names()).contains(session + ".events.corrupt");
    assertThat(spool.bytes()).isZero();
    spool.close();
  }

  private static KeptRun onlyKept(EventSpool spool) {
    await().until(() -> spool.kept().due().size() == 1);
    return spool.kept().due().get(0);
  }

  /** A run of which the broker has everything. */
  private SpoolFile ended(EventSpool spool, UUID id) throws IOException {
    spool.prepare(id);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    RunReport report = new RunReport(task, id, "kind-1", spool, clock, 1000, unused -> () -> {});
    report.start();
    say(report, "one");
    report.finish(EventSpoolTest::completed);
    SpoolBatch batch = SpoolBatch.from(spool.files());
    batch.confirm(Set.copyOf(ids(batch)));
    SpoolFile file = spool.files().get(0);
    spool.keep(file);
    return file;
  }

  @Test
  void aRunThatLogsTooMuchIsCutAndSaysSo() throws IOException {
    EventSpool spool = spool("1GB");
    RunReport report = open(spool, 250);
    say(report, "one", "two", "three", "four");
    report.finish(EventSpoolTest::completed);

    List<RunEvent> events = events(SpoolBatch.from(spool.files()));
    Logged note = (Logged) events.get(1).body();
    assertThat(note.firstSeq()).isEqualTo(2);
    assertThat(note.lines().get(0).message()).startsWith("2 log lines (200 bytes) were left out");
    RunEventBody.Finished finished = (RunEventBody.Finished) events.get(2).body();
    assertThat(finished.result().logLines()).isEqualTo(3);
    spool.close();
  }

  @Test
  void linesTravelFiveHundredAtATime() throws IOException {
    EventSpool spool = spool("1GB");
    RunReport report = open(spool, 1_000_000);
    for (int i = 0; i < 1201; i++) {
      say(report, "line " + i);
    }
    report.finish(EventSpoolTest::completed);
    List<Logged> logs =
        events(SpoolBatch.from(spool.files())).stream()
            .map(RunEvent::body)
            .filter(Logged.class::isInstance)
            .map(Logged.class::cast)
            .toList();
    assertThat(logs.stream().map(Logged::firstSeq)).containsExactly(0L, 500L, 1000L);
    assertThat(logs.stream().map(message -> message.lines().size())).containsExactly(500, 500, 201);
    spool.close();
  }

  @Test
  void aFinishedRunSaysNothingMore() throws IOException {
    EventSpool spool = spool("1GB");
    RunReport report = open(spool, 1000);
    report.finish(EventSpoolTest::completed);
    report.say(new RunEventBody.Started());
    report.finish(EventSpoolTest::completed);
    say(report, "late");
    report.flush();
    assertThat(events(SpoolBatch.from(spool.files()))).hasSize(1);
    spool.close();
  }

  @Test
  void aDirectoryBelongsToOneWorker() throws IOException {
    EventSpool spool = spool("1GB");
    assertThatThrownBy(() -> spool("1GB"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("set aiopslab.worker.spool-directory");
    spool.close();
    spool("1GB").close();
  }

  @Test
  void aSpoolThatTheWorkerMakesIsForItsOwnerAlone() throws IOException {
    Path made = directory.resolve("data/spool");
    SpoolLock.take(made).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rwx------");
    SpoolLock.take(made).close();
  }

  private EventSpool spool(String maxSize) throws IOException {
    return new EventSpool(settings(maxSize), new SimpleMeterRegistry());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }

  private WorkerSettings settings(String maxSize) {
    Map<String, String> properties =
        Map.of(
            "aiopslab.worker.clusters[0].name",
            "kind-1",
            "aiopslab.worker.scratch-directory",
            directory.toString(),
            "aiopslab.worker.spool-directory",
            directory.toString(),
            "aiopslab.worker.spool-max-size",
            maxSize);
    return new Binder(new MapConfigurationPropertySource(properties))
        .bind("aiopslab.worker", WorkerSettings.class)
        .get();
  }

  private RunReport open(EventSpool spool, long maxLogBytes) {
    spool.prepare(session);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    return new RunReport(task, session, "kind-1", spool, clock, maxLogBytes, report -> () -> {});
  }

  /** Each line counts as 100 bytes. */
  private static void say(RunReport report, String... lines) {
    for (String line : lines) {
      report.log(new Logged.Line(NOW, LogLevel.INFO, line, null), 100);
    }
    if (lines.length > 1 || lines[0].startsWith("kept")) {
      report.flush();
    }
  }

  private static RunEventBody.Finished completed(long logLines) {
    return new RunEventBody.Finished(
        TaskStatus.COMPLETED,
        null,
        null,
        new TaskResult(null, null, null, Map.of(), Map.of(), null, null, null, 0, logLines));
  }

  private List<Path> eventFiles() throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(path -> path.toString().endsWith(".events")).toList();
    }
  }

  private static List<String> ids(SpoolBatch batch) {
    return batch.messages().stream().map(Outgoing::messageId).collect(Collectors.toList());
  }

  private static List<RunEvent> events(SpoolBatch batch) {
    return batch.messages().stream().map(message -> RunEvent.fromBytes(message.body())).toList();
  }
}
