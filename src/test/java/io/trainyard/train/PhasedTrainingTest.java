package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.engine.TestEngine;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Phases train their own layers over the same weights, and are otherwise trainings. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PhasedTrainingTest {
  /** Two autoencoders, one on the codes of the other, and a head on the codes of the second. */
  private static final String STACK =
      "{'name':'m','inputs':{'x':{'columns':['a']}},"
          + "'targets':{'y':{'column':'y','type':'class'}},'network':{'outputs':['head'],"
          + "'layers':[{'type':'dense','name':'enc1','units':5,'activation':'sigmoid',"
          + "'regularizer':{'l2':0.001,'sparsity':{'weight':0.1,'proportion':0.2}}},"
          + "{'type':'dense','name':'dec1','units':6},"
          + "{'type':'dense','name':'enc2','inputs':['enc1'],'units':3,'activation':'sigmoid'},"
          + "{'type':'dense','name':'dec2','units':5},"
          + "{'type':'dense','name':'head','inputs':['enc2'],'units':3,'activation':'softmax'}]}}";

  private static final String REST =
      "'shuffle':false,'batch_size':16,'optimizer':{'type':'adam','learning_rate':0.02}";

  private static TestTraining stack(String training) {
    Shape row = Shape.of(6);
    return Trainings.run(
        STACK,
        "{" + training + "}",
        Trainings.rows(33, 1, row),
        Trainings.rows(12, 2, row),
        Trainings.rows(9, 3, row));
  }

  @Test
  void alternatingPhasesMatchPyTorch() {
    JsonNode golden = Golden.read("phases.json");
    HostTensor x = Golden.tensor(golden.get("x"));
    HostTensor y = Golden.tensor(golden.get("y"));
    String l2 = "'regularizer':{'l2':" + golden.get("l2") + "}";
    String model =
        ("{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},'network':"
                + "{'layers':[{'type':'dense','name':'a','units':6,'activation':'tanh',%s},"
                + "{'type':'batch_norm','name':'n'},{'type':'dense','name':'b','units':2,%s}]}}")
            .formatted(l2, l2);
    String training =
        ("{'batch_size':10,'shuffle':false,'loss':'mse','repeat_phases':%s,'phases':["
                + "{'name':'head','train':['n','b'],'epochs':3,"
                + "'optimizer':{'type':'sgd','learning_rate':0.1,'momentum':0.9}},"
                + "{'name':'body','train':['a'],'epochs':2,'loss':'mae',"
                + "'optimizer':{'type':'adam','learning_rate':0.02}}]}")
            .formatted(golden.get("repeats"));
    Recorder recorder = new Recorder();
    TrainingOutcome.Finished outcome =
        Trainings.run(model, training, new Subset(10, Map.of("x", x), Map.of("y", y)))
            .startingFrom(Golden.tensors(golden.get("weights")))
            .finish(recorder);

    List<EpochRecord> epochs = recorder.epochs;
    assertThat(epochs.stream().map(EpochRecord::phase).toList().subList(0, 8))
        .containsExactly("head", "head", "head", "body", "body", "head", "head", "head");
    assertThat(epochs).hasSize(golden.get("losses").size());
    // Float32 rounding grows over the steps.
    for (int i = 0; i < epochs.size(); i++) {
      double expected = golden.get("losses").get(i).asDouble();
      assertThat(epochs.get(i).epoch()).isEqualTo(i + 1);
      assertThat(Trainings.value(epochs.get(i), "loss"))
          .as("loss of epoch %d", i + 1)
          .isCloseTo(expected, within(2e-4 * expected));
    }
    assertClose(outcome.weights(), Golden.tensors(golden.get("after")), 2e-4);
  }

  @Test
  void aChainOfPhasesGivesTheWeightsOfSeparateTrainings() {
    String reconstruct = "'loss':'mse','epochs':4," + REST;
    String classify = "'loss':'categorical_crossentropy','epochs':3," + REST;
    TestTraining chain =
        stack(
            "'loss':'mse','epochs':4,%s,'phases':[".formatted(REST)
                + "{'name':'one','train':['enc1','dec1'],'output':'dec1','target':{'input':'x'}},"
                + "{'name':'two','train':['enc2','dec2'],'output':'dec2',"
                + "'target':{'layer':'enc1'}},"
                + "{'train':['head'],'loss':'categorical_crossentropy','epochs':3},"
                + "{'train':['enc1','enc2','head'],'loss':'categorical_crossentropy','epochs':3,"
                + "'publish':'last'}]");
    Map<String, HostTensor> weights = chain.finish().weights();

    Map<String, HostTensor> separate = new HashMap<>(start());
    String layers = "'layers':[{'type':'dense','name':'enc1','units':5,'activation':'sigmoid',%s";
    String sparse = "'regularizer':{'l2':0.001,'sparsity':{'weight':0.1,'proportion':0.2}}}";
    String frozen = "'trainable':false}";
    String data = "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{%s},'network':{";
    String dec1 = ",{'type':'dense','name':'dec1','units':6}";
    String enc2 = ",{'type':'dense','name':'enc2','units':3,'activation':'sigmoid'%s}";
    String dec2 = ",{'type':'dense','name':'dec2','units':5}";
    String head = ",{'type':'dense','name':'head','units':3,'activation':'softmax'}";
    String labels = data.formatted("'y':{'column':'y','type':'class'}");
    step(
        separate,
        data.formatted("'copy':{'input':'x'}") + layers.formatted(sparse) + dec1,
        reconstruct);
    step(
        separate,
        data.formatted("'codes':{'layer':'enc1'}")
            + layers.formatted(frozen)
            + enc2.formatted("")
            + dec2,
        reconstruct);
    step(
        separate,
        labels + layers.formatted(frozen) + enc2.formatted(",'trainable':false") + head,
        classify);
    step(separate, labels + layers.formatted(sparse) + enc2.formatted("") + head, classify);

    assertClose(weights, separate, 1e-6);
    assertThat(weights).hasSameSizeAs(separate);
  }

  private static Map<String, HostTensor> start() {
    TestTraining none = stack("'loss':'mse','epochs':1");
    return TestEngine.get().initialWeights(none.plan().shapes().weights(), none.plan().seed());
  }

  /** Trains a part of the network from its weights so far. */
  private static void step(Map<String, HostTensor> weights, String model, String training) {
    Shape row = Shape.of(6);
    TestTraining part =
        Trainings.run(
            model + "]}}", "{'publish':'last'," + training + "}", Trainings.rows(33, 1, row));
    Map<String, HostTensor> own = new HashMap<>(weights);
    own.keySet().retainAll(part.plan().shapes().weights().stream().map(WeightSpec::name).toList());
    weights.putAll(part.startingFrom(own).finish().weights());
  }

  private static void assertClose(
      Map<String, HostTensor> actual, Map<String, HostTensor> expected, double tolerance) {
    expected.forEach(
        (name, tensor) -> {
          HostTensor own = Objects.requireNonNull(actual.get(name), name);
          for (long i = 0; i < tensor.shape().elements(); i++) {
            assertThat(own.doubleAt(i))
                .as("%s[%d]", name, i)
                .isCloseTo(tensor.doubleAt(i), within(tolerance));
          }
        });
  }

  @Test
  void aScheduleGoesOnInThePhasesNextVisit() {
    Recorder recorder = new Recorder();
    stack(
            "'loss':'categorical_crossentropy','repeat_phases':2,'epochs':2,"
                + "'optimizer':{'type':'sgd','learning_rate':1},'phases':["
                + "{'name':'head','train':['head'],"
                + "'learning_rate_schedule':{'type':'polynomial','power':1,'end':0}},"
                + "{'name':'all','train':['enc1','enc2','head'],'optimizer':'adam'}]")
        .finish(recorder);

    assertThat(recorder.epochs)
        .filteredOn(epoch -> epoch.phase().equals("head"))
        .extracting(EpochRecord::learningRate)
        .containsExactly(1.0, 0.75, 0.5, 0.25);
  }

  @Test
  void onlyTheFinalPhaseChoosesTheBestEpochAndInAnyOfItsVisits() {
    Recorder recorder = new Recorder();
    TestTraining run =
        stack(
            "'loss':'categorical_crossentropy','repeat_phases':4,'epochs':2,"
                + "'optimizer':{'type':'sgd','learning_rate':30},'phases':["
                + "{'name':'body','train':['enc1','enc2']},{'name':'head','train':['head']}]");
    TrainingOutcome.Finished outcome = run.finish(recorder);

    EpochRecord best =
        recorder.epochs.stream()
            .filter(epoch -> epoch.phase().equals("head"))
            .reduce((a, b) -> valLoss(b) < valLoss(a) ? b : a)
            .orElseThrow();
    // The learning rate is so large that later visits are worse.
    assertThat(best.epoch()).isLessThan(14);
    assertThat(Objects.requireNonNull(outcome.best()).epoch()).isEqualTo(best.epoch());
    assertThat(outcome.evaluation().measured().values().get("loss"))
        .isEqualTo(outcome.testValues().values().get("test_loss"));
    // Stopped at that epoch, the training has these weights at hand.
    Recorder stopping =
        new Recorder() {
          @Override
          public TrainingCommand command() {
            return epochs.size() < best.epoch() ? TrainingCommand.CONTINUE : TrainingCommand.STOP;
          }
        };
    Trainings.assertSameBits(outcome.weights(), run.finish(stopping).weights());
  }

  /** As the stack, without penalties, which count in one phase and not in the other. */
  private static TestTraining alternating(String training) {
    Shape row = Shape.of(6);
    return Trainings.run(
        STACK.replaceAll("'regularizer':\\{[^}]*\\{[^}]*\\}\\}", "'bias':true"),
        "{" + training + "}",
        Trainings.rows(33, 1, row),
        Trainings.rows(12, 2, row),
        Trainings.rows(9, 3, row));
  }

  /** What is published is the network after that epoch, not a mixture of two visits. */
  @ParameterizedTest
  @CsvSource({"4, 30", "3, 2", "2, 0.5", "3, 8"})
  void theBestOfAllEpochsIsPublishedWhereThePhasesAgree(int repeats, double rate) {
    Recorder recorder = new Recorder();
    TestTraining run =
        alternating(
            "'loss':'categorical_crossentropy','repeat_phases':%d,'epochs':3,'optimizer':{'type':'sgd','learning_rate':%s},'phases':[{'name':'body','train':['enc1','enc2']},{'name':'head','train':['head']}]"
                .formatted(repeats, rate));
    TrainingOutcome.Finished outcome = run.finish(recorder);

    EpochRecord best =
        recorder.epochs.stream().reduce((a, b) -> valLoss(b) < valLoss(a) ? b : a).orElseThrow();
    assertThat(Objects.requireNonNull(outcome.best()).epoch()).isEqualTo(best.epoch());
    assertThat(recorder.notes)
        .contains(
            "The best epoch is chosen among all epochs: every phase has the same output, target and"
                + " loss");
    // Stopped at that epoch, the training has these weights at hand.
    Recorder stopping =
        new Recorder() {
          @Override
          public TrainingCommand command() {
            return epochs.size() < best.epoch() ? TrainingCommand.CONTINUE : TrainingCommand.STOP;
          }
        };
    TrainingOutcome.Finished stopped = run.finish(stopping);
    Trainings.assertSameBits(outcome.weights(), stopped.weights());
    assertThat(outcome.evaluation().measured()).isEqualTo(stopped.evaluation().measured());
    assertThat(outcome.testValues()).isEqualTo(stopped.testValues());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          "'loss':'mse','output':'dec1','target':{'input':'x'}" | has another target than 'head'
          "'loss':'mse','output':'enc1','target':{'name':'y'}"  | trains another output than 'head'
          "'loss':'focal'"                                      | has another loss than 'head'
          """)
  void phasesThatMeasureSomethingElseLeaveTheBestToTheFinalOne(String body, String reason) {
    Recorder recorder = new Recorder();
    TrainingOutcome.Finished outcome =
        alternating(
                "'loss':'categorical_crossentropy','repeat_phases':2,'epochs':2,'optimizer':{'type':'sgd','learning_rate':9},'phases':[{'name':'body','train':['enc1'],"
                    + body
                    + "},{'name':'head','train':['head']}]")
            .finish(recorder);

    assertThat(Objects.requireNonNull(outcome.best()).phase()).isEqualTo("head");
    assertThat(recorder.notes)
        .contains(
            "The best epoch is chosen among those of the final phase 'head': phase 'body' "
                + reason);
  }

  private static double valLoss(EpochRecord record) {
    return Trainings.value(record, "val_loss");
  }

  @Test
  void aPhaseThatStopsEarlyMakesWayForTheNext() {
    Recorder recorder = new Recorder();
    TrainingOutcome.Finished outcome =
        stack(
                "'loss':'categorical_crossentropy','epochs':5,'repeat_phases':2,'phases':["
                    + "{'name':'body','train':['enc1'],'goal':100},"
                    + "{'name':'head','train':['head']}]")
            .finish(recorder);

    assertThat(recorder.epochs.stream().map(EpochRecord::phase))
        .containsExactly(
            "body", "head", "head", "head", "head", "head", "body", "head", "head", "head", "head",
            "head");
    assertThat(outcome.reason()).isEqualTo(StopReason.EPOCHS);
    assertThat(outcome.epochs()).isEqualTo(12);
  }

  /** Stopped in the first epoch of a phase, what is published is that of the phase before. */
  @Test
  void aStoppedTrainingPublishesTheLastFinishedEpoch() {
    Stopper listener = new Stopper(record -> record.epoch() == 2);
    TrainingOutcome.Finished outcome =
        stack(
                "'loss':'mse','epochs':2,'phases':["
                    + "{'name':'one','train':['enc1','dec1'],'output':'dec1',"
                    + "'target':{'input':'x'}},"
                    + "{'name':'head','train':['head'],'loss':'categorical_crossentropy',"
                    + "'metrics':['accuracy']}]")
            .finish(listener);

    assertThat(outcome.reason()).isEqualTo(StopReason.STOPPED);
    assertThat(outcome.epochs()).isEqualTo(2);
    assertThat(Objects.requireNonNull(outcome.best()).phase()).isEqualTo("one");
    assertThat(outcome.testValues().values()).containsOnlyKeys("test_loss");
    assertThat(outcome.weights()).containsKeys("dec1.weight", "dec2.weight", "head.weight");
  }

  @Test
  void aTrainingStoppedInAnEarlierPhasePublishesTheBestOfTheFinalOne() {
    Stopper listener = new Stopper(record -> record.epoch() == 7);
    TrainingOutcome.Finished outcome =
        stack(
                "'loss':'categorical_crossentropy','epochs':3,'repeat_phases':2,'phases':["
                    + "{'name':'body','train':['enc1']},{'name':'head','train':['head']}]")
            .finish(listener);

    assertThat(outcome.epochs()).isEqualTo(7);
    assertThat(Objects.requireNonNull(outcome.last()).phase()).isEqualTo("body");
    assertThat(Objects.requireNonNull(outcome.best()).phase()).isEqualTo("head");
    assertThat(Objects.requireNonNull(outcome.best()).epoch()).isBetween(4, 6);
  }

  private static final class Stopper extends Recorder {
    private final Predicate<EpochRecord> when;

    private Stopper(Predicate<EpochRecord> when) {
      this.when = when;
    }

    @Override
    public TrainingCommand command() {
      return !epochs.isEmpty() && when.test(epochs.getLast())
          ? TrainingCommand.STOP
          : TrainingCommand.CONTINUE;
    }
  }

  @Test
  void progressCountsThePhasesAhead() {
    List<Progress> seen = new ArrayList<>();
    stack(
            "'loss':'categorical_crossentropy','repeat_phases':2,'batch_size':16,'phases':["
                + "{'name':'body','train':['enc1'],'epochs':2},"
                + "{'name':'head','train':['head'],'epochs':1,'batch_size':8}]")
        .finish(
            new Recorder() {
              @Override
              public void epoch(EpochRecord record, Progress progress) {
                seen.add(progress);
              }
            });

    assertThat(seen).extracting(Progress::epochs).containsOnly(6);
    assertThat(seen).extracting(Progress::stepsPerEpoch).containsExactly(3L, 3L, 5L, 3L, 3L, 5L);
    assertThat(seen.getLast().fraction()).isEqualTo(1);
    assertThat(seen.get(2).fraction()).isEqualTo(0.5);
  }
}
