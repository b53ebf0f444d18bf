package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.frame.Frame;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a training measures while nothing can be stored. */
class UnreportedMeasurementsTest {
  private final UnreportedMeasurements unreported = new UnreportedMeasurements(null);
  private final Random random = new Random(7);

  private static List<Integer> numbers(ProgressReport report) {
    return report.epochs().stream().map(epoch -> epoch.record().epoch()).toList();
  }

  private void add(EpochRecord record) {
    unreported.add(record, TestJobs.progress(record.epoch()));
    unreported.thin();
  }

  /** Of 40 layers, as diagnostics have them. */
  private EpochRecord large(int epoch) {
    Map<String, Map<String, Double>> layers = new HashMap<>();
    for (int layer = 0; layer < 40; layer++) {
      layers.put(
          "dense_" + layer,
          Map.of("gradient_norm", 1.0, "weight_norm", 2.0, "update_ratio", random.nextDouble()));
    }
    return new EpochRecord(
        epoch, "", Map.of("loss", random.nextDouble()), 0.1, 1, layers, Map.of(), Map.of());
  }

  @Test
  void allThatIsKeptInTheEndIsStillThere() {
    List<EpochRecord> all = new ArrayList<>();
    for (int epoch = 1; epoch <= 40_000; epoch++) {
      EpochRecord record = KeptEpochsTest.record(epoch, random);
      all.add(record);
      add(record);
    }
    KeptEpochs rule = KeptEpochs.after(40_000);
    assertThat(KeptEpochsTest.kept(rule, unreported.epochs()))
        .isEqualTo(KeptEpochsTest.kept(rule, all));
    assertThat(unreported.epochs()).hasSizeLessThan(KeptEpochs.MOST);
  }

  @Test
  void memoryIsBoundedByBytesWhereEpochsAreLarge() {
    String json = "x".repeat(60_000);
    for (int epoch = 1; epoch <= 3_000; epoch++) {
      unreported.add(new Frame(epoch, 1, json));
      add(large(epoch));
      assertThat(unreported.bytes()).isLessThanOrEqualTo(UnreportedMeasurements.MOST_BYTES);
    }
    List<EpochRecord> left = unreported.epochs();
    assertThat(left).hasSizeGreaterThan(50);
    assertThat(left.getLast().epoch()).isEqualTo(3_000);
    assertThat(left).isSortedAccordingTo((a, b) -> a.epoch() - b.epoch());
    assertThat(unreported.all().frames()).hasSizeGreaterThan(20);
  }

  @Test
  void bytesThatWereReportedAreFreeAgain() {
    for (int epoch = 1; epoch <= 10; epoch++) {
      unreported.add(new Frame(epoch, 1, "x".repeat(100)));
      add(large(epoch));
      unreported.add(new ProgressReport.Note(true, "epoch " + epoch));
    }
    unreported.forget(unreported.next(false));
    assertThat(unreported.bytes()).isZero();
  }

  @Test
  void aReportIsAPageAndSaysHowFarItsEpochsAre() {
    int epochs = UnreportedMeasurements.PAGE + 5;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      add(TestJobs.record(epoch));
    }
    assertThat(unreported.pages()).isEqualTo(2);
    ProgressReport first = unreported.next(false);
    assertThat(numbers(first)).hasSize(UnreportedMeasurements.PAGE).startsWith(1);
    assertThat(first.progress().current())
        .isEqualTo(TestJobs.progress(UnreportedMeasurements.PAGE));
    assertThat(Objects.requireNonNull(first.progress().last()).epoch())
        .isEqualTo(UnreportedMeasurements.PAGE);
    unreported.forget(first);
    ProgressReport second = unreported.next(false);
    assertThat(numbers(second)).hasSize(5).endsWith(epochs);
    assertThat(second.progress().current()).isEqualTo(TestJobs.progress(epochs));
  }

  @Test
  void whatIsLeftOutDuringAReportIsNotReportedAgain() {
    for (int epoch = 1; epoch <= 9_000; epoch++) {
      unreported.add(KeptEpochsTest.record(epoch, random), TestJobs.progress(epoch));
    }
    ProgressReport page = unreported.next(false);
    unreported.thin();
    unreported.forget(page);
    assertThat(unreported.epochs().getFirst().epoch()).isGreaterThan(UnreportedMeasurements.PAGE);
  }

  @Test
  void whatAnEarlierAttemptLeftComesOnce() {
    ProgressReport left = TestJobs.report(1, 2, 3);
    unreported.restore(left);
    unreported.restore(left);
    assertThat(numbers(unreported.next(true))).containsExactly(1, 2, 3);
  }
}
