package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TestEngine;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import io.trainyard.train.metric.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The members of an ensemble are trained one after the other, and measured together. */
@Timeout(120)
class MembersTest {
  private static final Shape ROW = Shape.of(4);
  private static final int MEMBERS = 3;
  private static final int FOLD = 7;

  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a']}},"
          + "'targets':{'y':{'column':'y','type':'class'}},'network':{'layers':["
          + "{'type':'dense','units':5,'activation':'tanh','regularizer':{'l2':0.01}},"
          + "{'type':'batch_norm','name':'b'},"
          + "{'type':'lambda','inputs':['b','x'],'expression':'b + mean(x)'},"
          + "{'type':'dropout','rate':0.2},"
          + "{'type':'dense','units':3,'activation':'softmax'}]}}";

  private static TestTraining training(String options) {
    return Trainings.run(
        MODEL,
        "{'loss':'categorical_crossentropy','batch_size':8,'epochs':4,'metrics':['accuracy'],"
            + "'optimizer':{'type':'adam','learning_rate':0.02}"
            + options
            + "}",
        Trainings.rows(21, 1, ROW),
        Trainings.NONE,
        Trainings.rows(9, 3, ROW));
  }

  private static PreparedData rows(int member) {
    return Trainings.data(
        Trainings.rows(14, 10 + member, ROW),
        Trainings.rows(FOLD, 20 + member, ROW),
        Trainings.rows(9, 3, ROW));
  }

  private static EnsemblePlan plan(String options) {
    TestTraining whole = training(options);
    return new EnsemblePlan(whole.plan(), whole.data(), MembersTest::rows);
  }

  private static EnsemblePlan folds(String options) {
    return plan(",'ensemble':{'folds':" + MEMBERS + "}" + options);
  }

  private static TrainingOutcome train(
      EnsemblePlan plan, @Nullable Checkpoint resume, TrainingListener listener) {
    return new Trainer(TestEngine.get()).train(plan, resume, listener);
  }

  private static TrainingOutcome.Finished finish(EnsemblePlan plan, TrainingListener listener) {
    return (TrainingOutcome.Finished) train(plan, null, listener);
  }

  private static TrainingOutcome.Finished alone(int member) {
    return new TestTraining(training("").plan(), rows(member), null).withSeed(42 + member).finish();
  }

  private static Map<String, HostTensor> named(int member, Map<String, HostTensor> weights) {
    Map<String, HostTensor> named = new LinkedHashMap<>();
    weights.forEach((name, tensor) -> named.put("members." + member + "." + name, tensor));
    return named;
  }

  @Test
  void eachMemberIsATrainingOfItsOwn() {
    Recorder listener = new Recorder();
    TrainingOutcome.Finished together = finish(folds(""), listener);
    Map<String, HostTensor> expected = new LinkedHashMap<>();
    List<Map<String, Double>> epochs = new ArrayList<>();
    double loss = 0;
    for (int i = 0; i < MEMBERS; i++) {
      TestTraining one = new TestTraining(training("").plan(), rows(i), null).withSeed(42 + i);
      Recorder own = new Recorder();
      TrainingOutcome.Finished alone = one.finish(own);
      expected.putAll(named(i, alone.weights()));
      own.epochs.forEach(epoch -> epochs.add(epoch.values()));
      EpochRecord best = Objects.requireNonNull(alone.best());
      EnsembleMember member = together.members().get(i);
      assertThat(member.best().values()).isEqualTo(best.values());
      assertThat(member.best().epoch()).isEqualTo(best.epoch());
      assertThat(member.fold()).isEqualTo(i + 1);
      assertThat(member.validationRows()).isEqualTo(FOLD);
      loss += Trainings.value(best, "val_loss") / MEMBERS;
    }
    Trainings.assertSameBits(together.weights(), expected);
    assertThat(listener.epochs.stream().map(EpochRecord::values)).isEqualTo(epochs);
    assertThat(listener.epochs.stream().map(EpochRecord::epoch))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertThat(listener.epochs.get(4).phase()).isEqualTo("members/1");

    // Folds of one size: the loss of all is the mean of theirs, penalties included.
    Evaluation evaluation = together.evaluation();
    assertThat(evaluation.part()).isEqualTo(PreparedData.Part.OUT_OF_FOLD);
    assertThat(evaluation.rows()).isEqualTo(MEMBERS * FOLD);
    assertThat(evaluation.measured().values().get("loss")).isCloseTo(loss, within(1e-6));
    EpochRecord best = Objects.requireNonNull(together.best());
    assertThat(Trainings.value(best, "val_loss")).isCloseTo(loss, within(1e-6));
    assertThat(together.testValues().values()).containsKeys("test_loss", "test_accuracy");
  }

  @Test
  void aSuspendedOneEndsWithTheSameBits() {
    for (String options : List.of(",'calibration':'temperature'", ",'publish':'last'")) {
      EnsemblePlan plan = folds(options);
      Recorder whole = new Recorder();
      TrainingOutcome.Finished uninterrupted = finish(plan, whole);
      long seed = System.nanoTime();
      Random random = new Random(seed);
      for (int round = 0; round < 4; round++) {
        List<EpochRecord> seen = new ArrayList<>();
        Checkpoint at = null;
        TrainingOutcome outcome = null;
        for (int asked : new int[] {random.nextInt(60), random.nextInt(60), 1 << 30}) {
          SuspendingRecorder listener = new SuspendingRecorder(1 + asked);
          outcome = train(plan, at, listener);
          seen.addAll(listener.epochs);
          if (outcome instanceof TrainingOutcome.Suspended(Checkpoint next)) {
            at = next;
          }
        }
        TrainingOutcome.Finished resumed =
            (TrainingOutcome.Finished) Objects.requireNonNull(outcome);
        String where = options + ", seed " + seed + ", round " + round;
        Trainings.assertSameBits(resumed.weights(), uninterrupted.weights());
        assertThat(resumed.evaluation()).as(where).isEqualTo(uninterrupted.evaluation());
        assertThat(resumed.testValues()).as(where).isEqualTo(uninterrupted.testValues());
        assertThat(resumed.certainty()).as(where).isEqualTo(uninterrupted.certainty());
        assertThat(seen.stream().map(EpochRecord::values).distinct().toList())
            .as(where)
            .isEqualTo(whole.epochs.stream().map(EpochRecord::values).toList());
      }
    }
  }

  /** The checkpoints after members. */
  private static List<Checkpoint> between(Recorder listener) {
    return listener.checkpoints.stream()
        .filter(each -> each.position().optimizerSteps() == 0)
        .toList();
  }

  /** A checkpoint after a member is what a process that dies leaves behind. */
  @Test
  void aFinishedMemberIsNotTrainedAgain() {
    Recorder whole = new Recorder();
    whole.wantsCheckpoints = true;
    TrainingOutcome.Finished uninterrupted = finish(folds(""), whole);
    List<Checkpoint> between = between(whole);
    assertThat(between).hasSize(MEMBERS);
    for (int i = 0; i < MEMBERS; i++) {
      Recorder rest = new Recorder();
      TrainingOutcome.Finished resumed =
          (TrainingOutcome.Finished) train(folds(""), between.get(i), rest);
      assertThat(rest.epochs).hasSize(4 * (MEMBERS - 1 - i));
      Trainings.assertSameBits(resumed.weights(), uninterrupted.weights());
      assertThat(resumed.evaluation()).isEqualTo(uninterrupted.evaluation());
    }
  }

  /** A checkpoint has the weights of all finished members. */
  @Test
  void noCheckpointIsMadeBeforeOneIsDue() {
    Recorder listener = new Recorder();
    finish(folds(""), listener);
    assertThat(listener.checkpoints).isEmpty();
  }

  /** Commands stop from the n-th epoch on. */
  private static final class Stopping extends Recorder {
    private final int epoch;
    private final TrainingCommand command;

    Stopping(int epoch, TrainingCommand command) {
      this.epoch = epoch;
      this.command = command;
    }

    @Override
    public TrainingCommand command() {
      return epochs.size() < epoch ? TrainingCommand.CONTINUE : command;
    }
  }

  @Test
  void aStoppedOneHasTheMembersSoFar() {
    TrainingOutcome.Finished stopped = finish(folds(""), new Stopping(6, TrainingCommand.STOP));
    assertThat(stopped.reason()).isEqualTo(StopReason.STOPPED);
    assertThat(stopped.members()).hasSize(2);
    assertThat(stopped.evaluation().rows()).isEqualTo(2 * FOLD);
    // Of the rows of the third fold nobody has said anything.
    assertThat(stopped.baseline()).isNull();
    assertThat(Trainings.bits(stopped.weights()))
        .containsAllEntriesOf(Trainings.bits(named(0, alone(0).weights())));

    // Of one member, the network itself is published.
    TrainingOutcome.Finished one = finish(folds(""), new Stopping(4, TrainingCommand.STOP));
    assertThat(one.members()).hasSize(1);
    Trainings.assertSameBits(one.weights(), alone(0).weights());

    assertThat(train(folds(""), null, new Stopping(0, TrainingCommand.STOP)))
        .isInstanceOf(TrainingOutcome.Cancelled.class);
    assertThat(train(folds(""), null, new Stopping(9, TrainingCommand.CANCEL)))
        .isInstanceOf(TrainingOutcome.Cancelled.class);
  }

  /** A process that shuts down suspends what was stopped. */
  @Test
  void aStoppedOneThatIsSuspendedKeepsItsMembers() {
    Recorder listener =
        new Recorder() {
          private int asked;

          @Override
          public TrainingCommand command() {
            if (epochs.size() < 4) {
              return TrainingCommand.CONTINUE;
            }
            return asked++ == 0 ? TrainingCommand.STOP : TrainingCommand.SUSPEND;
          }
        };
    TrainingOutcome outcome = train(folds(""), null, listener);
    assertThat(outcome).isInstanceOf(TrainingOutcome.Suspended.class);
    Checkpoint at = Objects.requireNonNull(((TrainingOutcome.Suspended) outcome).checkpoint());
    assertThat(at.position().members()).hasSize(1);
    TrainingOutcome.Finished stopped =
        (TrainingOutcome.Finished) train(folds(""), at, new Stopping(0, TrainingCommand.STOP));
    assertThat(stopped.members()).hasSize(1);
  }

  @Test
  void membersOfSeedsHaveTheSameRows() {
    TestTraining whole = training(",'ensemble':{'seeds':2}");
    PreparedData data = rows(0);
    TrainingOutcome.Finished together =
        finish(
            new EnsemblePlan(whole.plan(), data, _ -> data.encodedBy(data.encoding())),
            new Recorder());
    assertThat(together.evaluation().part()).isEqualTo(PreparedData.Part.TEST);
    assertThat(together.members().get(1).seed()).isEqualTo(43);
    TestTraining second = new TestTraining(training("").plan(), rows(0), null).withSeed(43);
    assertThat(Trainings.bits(together.weights()))
        .containsAllEntriesOf(Trainings.bits(named(1, second.finish().weights())));
  }

  @Test
  void theTimeLimitIsThatOfAllMembers() {
    Recorder first = new Recorder();
    first.wantsCheckpoints = true;
    EnsemblePlan plan = folds(",'time_limit_seconds':100");
    finish(plan, first);
    Checkpoint between = between(first).get(1);
    Checkpoint.Position at = between.position();
    Checkpoint late =
        new Checkpoint(
            new Checkpoint.Position(
                0, 0, 1, 101, null, null, 0, null, List.of(), null, at.members()),
            between.tensors());
    TrainingOutcome.Finished outcome = (TrainingOutcome.Finished) train(plan, late, new Recorder());
    assertThat(outcome.reason()).isEqualTo(StopReason.TIME_LIMIT);
    assertThat(outcome.members()).hasSize(2);
  }

  @Test
  void aLossThatIsNotFiniteNamesTheMember() {
    EnsemblePlan plan =
        new EnsemblePlan(
            training(",'ensemble':{'folds':3}").plan(),
            training("").data(),
            member -> {
              PreparedData data = rows(member);
              if (member == 1) {
                Objects.requireNonNull(data.training().inputs().get("x")).setFloat(3, Float.NaN);
              }
              return data;
            });
    assertThatThrownBy(() -> finish(plan, new Recorder()))
        .isInstanceOfSatisfying(
            NonFiniteLossException.class,
            e -> {
              assertThat(e.epoch()).isEqualTo(5);
              assertThat(e).hasMessageContaining("member 1");
            });
  }
}
