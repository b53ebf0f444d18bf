package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.TestEngine;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same training gives the same bits: repeated, concurrent, or resumed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RepeatabilityTest {
  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','units':16,'activation':'relu'},"
          + "{'type':'batch_norm'},{'type':'dropout','rate':0.3},"
          + "{'type':'dense','units':3,'activation':'softmax'}]}}";
  private static final String TRAINING =
      "{'loss':'categorical_crossentropy','optimizer':{'type':'adam','learning_rate':0.01},"
          + "'epochs':12,'batch_size':16,'metrics':['accuracy']}";

  private static TestTraining run() {
    return Trainings.run(
        MODEL,
        TRAINING,
        Trainings.rows(90, 1, Shape.of(4)),
        Trainings.rows(30, 2, Shape.of(4)),
        Trainings.rows(20, 3, Shape.of(4)));
  }

  @Test
  void concurrentTrainingsGiveTheSameBitsAsAlone() throws Exception {
    Map<String, HostTensor> alone = run().finish().weights();
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      List<Callable<Map<String, HostTensor>>> jobs = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        jobs.add(() -> run().finish().weights());
      }
      for (Future<Map<String, HostTensor>> job : callers.invokeAll(jobs)) {
        Trainings.assertSameBits(job.get(), alone);
      }
    }
  }

  @Test
  void anotherSeedGivesOtherWeights() {
    TestTraining run = run();
    TestTraining other = run.withSeed(run.plan().seed() + 1);
    assertThat(Trainings.bits(other.finish().weights()))
        .isNotEqualTo(Trainings.bits(run.finish().weights()));
  }

  @Test
  void theSeedDecidesTheDropoutOfAnLstm() {
    TestTraining dropping = lstm(0.5);
    Map<String, HostTensor> weights = dropping.finish().weights();
    Trainings.assertSameBits(dropping.finish().weights(), weights);
    TestTraining otherSeed = dropping.startingFrom(firstWeights(dropping)).withSeed(43);
    assertThat(Trainings.bits(otherSeed.finish().weights())).isNotEqualTo(Trainings.bits(weights));
    assertThat(Trainings.bits(lstm(0).finish().weights())).isNotEqualTo(Trainings.bits(weights));
  }

  private static Map<String, HostTensor> firstWeights(TestTraining run) {
    return TestEngine.get().initialWeights(run.plan().weights(), run.plan().seed());
  }

  /** Without a shuffle, only the dropout and the first weights are random. */
  private static TestTraining lstm(double dropout) {
    return Trainings.run(
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
            + "'network':{'layers':[{'type':'lstm','units':4,'layers':2,'dropout':"
            + dropout
            + "},{'type':'dense','units':3,'activation':'softmax'}]}}",
        "{'loss':'categorical_crossentropy','epochs':2,'batch_size':16,'shuffle':false}",
        Trainings.rows(40, 1, Shape.of(5, 3)));
  }

  @Test
  void aResumedTrainingEndsWithTheSameBits() {
    Recorder whole = new Recorder();
    TrainingOutcome.Finished uninterrupted = run().finish(whole);
    EpochSuspender suspender = new EpochSuspender(5);
    TrainingOutcome.Suspended suspended = (TrainingOutcome.Suspended) run().train(suspender);
    Checkpoint checkpoint = suspended.checkpoint();
    assertThat(checkpoint).isNotNull();
    if (checkpoint == null) {
      return;
    }
    assertThat(checkpoint.position().epochs()).isEqualTo(5);

    Recorder rest = new Recorder();
    TrainingOutcome.Finished resumed = run().resuming(checkpoint).finish(rest);

    Trainings.assertSameBits(resumed.weights(), uninterrupted.weights());
    assertThat(resumed.testValues()).isEqualTo(uninterrupted.testValues());
    assertThat(resumed.epochs()).isEqualTo(12);
    assertThat(rest.epochs).hasSize(7);
    for (int i = 0; i < 7; i++) {
      assertThat(rest.epochs.get(i).values()).isEqualTo(whole.epochs.get(5 + i).values());
    }
  }

  @Test
  void aTrainingSuspendedWithinAnEpochEndsWithTheSameBits() {
    Recorder whole = new Recorder();
    TrainingOutcome.Finished uninterrupted = run().finish(whole);
    // An epoch asks 7 times: before each of its 6 steps, and after the last.
    for (int asked : new int[] {1, 3, 6, 7, 24}) {
      TrainingOutcome.Suspended suspended =
          (TrainingOutcome.Suspended) run().train(new SuspendingRecorder(asked));
      Checkpoint checkpoint = Objects.requireNonNull(suspended.checkpoint());
      Recorder rest = new Recorder();
      TrainingOutcome.Finished resumed = run().resuming(checkpoint).finish(rest);
      Trainings.assertSameBits(resumed.weights(), uninterrupted.weights());
      int done = 12 - rest.epochs.size();
      for (int i = 0; i < rest.epochs.size(); i++) {
        assertThat(rest.epochs.get(i).values()).isEqualTo(whole.epochs.get(done + i).values());
      }
    }
  }

  @Test
  void everyCheckpointLeadsToTheSameBits() {
    Recorder recorder = new Recorder();
    recorder.wantsCheckpoints = true;
    TrainingOutcome.Finished uninterrupted = run().finish(recorder);
    assertThat(recorder.checkpoints)
        .as("some are taken within an epoch")
        .anyMatch(checkpoint -> checkpoint.tensors().containsKey("epoch/step"));
    for (Checkpoint checkpoint : recorder.checkpoints) {
      Trainings.assertSameBits(
          run().resuming(checkpoint).finish().weights(), uninterrupted.weights());
    }
  }

  /** Suspends after a number of epochs. */
  private static final class EpochSuspender extends Recorder {
    private final int after;

    EpochSuspender(int after) {
      this.after = after;
    }

    @Override
    public TrainingCommand command() {
      return epochs.size() < after ? TrainingCommand.CONTINUE : TrainingCommand.SUSPEND;
    }
  }
}
