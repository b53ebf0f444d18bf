package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Which epochs of a long training are kept. */
class KeptEpochsTest {
  /** Losses with ties, and some that are no number. */
  static EpochRecord record(int epoch, Random random) {
    double loss = random.nextInt(50) == 0 ? Double.NaN : random.nextInt(1_000) / 100.0;
    return new EpochRecord(epoch, "", Map.of("loss", loss), 0.1, 0.001);
  }

  static List<EpochRecord> kept(KeptEpochs rule, List<EpochRecord> epochs) {
    List<EpochRecord> kept = new ArrayList<>();
    ThinnedEpochs thinned = rule.thinned(kept::add);
    epochs.stream().filter(epoch -> epoch.epoch() <= rule.old()).forEach(thinned::accept);
    thinned.finish();
    epochs.stream().filter(epoch -> epoch.epoch() > rule.old()).forEach(kept::add);
    return kept;
  }

  @Test
  void shortTrainingsAreKeptWhole() {
    assertThat(KeptEpochs.after(8_000)).isEqualTo(new KeptEpochs(0, 1));
    assertThat(KeptEpochs.after(8_499)).isEqualTo(new KeptEpochs(0, 1));
    assertThat(KeptEpochs.after(8_500)).isEqualTo(new KeptEpochs(7_500, 2));
  }

  @Test
  void lessThanTenThousandAreKeptOfAnyTraining() {
    for (int newest = 1; newest > 0 && newest < 1_000_000_000; newest += 1 + newest / 50) {
      KeptEpochs rule = KeptEpochs.after(newest);
      int bins = (rule.old() + rule.width() - 1) / rule.width();
      assertThat(2 * Math.min(bins, rule.old()) + newest - rule.old())
          .as("after %d", newest)
          .isLessThan(KeptEpochs.MOST);
      assertThat(newest - rule.old()).isGreaterThanOrEqualTo(Math.min(newest, 1_000));
    }
  }

  @RepeatedTest(20)
  void itMakesNoDifferenceWhenOthersAreLeftOut(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int newest = 5_000 + random.nextInt(60_000);
    List<EpochRecord> all = new ArrayList<>();
    List<EpochRecord> inParts = new ArrayList<>();
    int next = random.nextInt(5_000);
    for (int epoch = 1; epoch <= newest; epoch++) {
      EpochRecord record = record(epoch, random);
      all.add(record);
      inParts.add(record);
      if (epoch == next) {
        inParts = kept(KeptEpochs.after(epoch), inParts);
        next += 1 + random.nextInt(5_000);
      }
    }
    KeptEpochs rule = KeptEpochs.after(newest);
    assertThat(kept(rule, inParts)).isEqualTo(kept(rule, all));
  }

  @RepeatedTest(20)
  void onlyWhatAnEarlierRuleLeftOpenIsLookedAtAgain(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int newest = 9_000 + random.nextInt(60_000);
    KeptEpochs before = KeptEpochs.after(newest - random.nextInt(3_000));
    KeptEpochs rule = KeptEpochs.after(newest);
    int from = rule.changedSince(before);
    List<EpochRecord> all = new ArrayList<>();
    for (int epoch = 1; epoch <= newest; epoch++) {
      all.add(record(epoch, random));
    }
    List<EpochRecord> first = kept(before, all);
    List<EpochRecord> looked = new ArrayList<>(first);
    looked.removeIf(epoch -> epoch.epoch() < from);
    List<EpochRecord> result = new ArrayList<>(first);
    result.removeIf(epoch -> epoch.epoch() >= from);
    result.addAll(kept(rule, looked));
    assertThat(result).isEqualTo(kept(rule, all));
  }
}
