package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.spec.Specs;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every schedule has PyTorch's learning rate at every step, and epochs report it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SchedulesTest {
  private static final JsonNode GOLDEN = Golden.read("schedules.json");

  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.get("name").stringValue();
    }
  }

  static List<Case> cases() {
    return StreamSupport.stream(GOLDEN.get("cases").spliterator(), false).map(Case::new).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void everyStepHasPyTorchsRate(Case golden) {
    TrainingSpec training = training(golden.json().get("schedule").toString());
    int epochs = training.epochs();
    int steps = GOLDEN.get("steps").intValue();
    LearningRate rate = rate(training, epochs, steps);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      rate = continued(rate, training, epochs, steps);
      double first = rate.at(epoch, 0);
      for (int step = 0; step < steps; step++) {
        double expected = golden.json().get("rates").get((epoch - 1) * steps + step).asDouble();
        double used = rate.changesIn(epoch) ? rate.at(epoch, step) : first;
        assertThat(used)
            .as("epoch %d, step %d", epoch, step)
            .isCloseTo(expected, Offset.offset(1e-10));
      }
      JsonNode values = golden.json().get("values");
      if (values != null) {
        double value = values.get(epoch - 1).asDouble();
        rate.add(epoch, Map.of("loss", value, "val_accuracy", value));
      }
    }
  }

  /** The rate as it goes on from a checkpoint. */
  private static LearningRate continued(
      LearningRate rate, TrainingSpec training, int epochs, int steps) {
    Map<String, HostTensor> tensors = new HashMap<>();
    rate.putInto(tensors);
    LearningRate next = rate(training, epochs, steps);
    next.restore(
        new Checkpoint(
            new Checkpoint.Position(0, 0, 1, 0, null, null, 0, null, List.of(), null), tensors));
    return next;
  }

  private static LearningRate rate(TrainingSpec training, int epochs, int steps) {
    return new LearningRate(
        training,
        null,
        epochs,
        steps,
        Map.of("accuracy", new MetricSpec.Standard(Metric.ACCURACY, "accuracy", null, 5)));
  }

  private static TrainingSpec training(String schedule) {
    return Specs.training(
        "{'loss':'mse','epochs':%d,'optimizer':{'type':'sgd','learning_rate':%s},"
                .formatted(GOLDEN.get("epochs").intValue(), GOLDEN.get("learning_rate").asDouble())
            + "'learning_rate_schedule':"
            + schedule
            + "}");
  }

  @Test
  void everyScheduleHasACase() {
    Set<Class<?>> compared = new HashSet<>();
    for (Case each : cases()) {
      ScheduleSpec shape = training(each.json().get("schedule").toString()).schedule().shape();
      compared.add(shape.getClass());
    }
    assertThat(compared)
        .containsExactlyInAnyOrder(ScheduleSpec.class.getPermittedSubclasses())
        .hasSize(ScheduleSpec.Name.values().length);
  }

  /** One weight at 0, x = 1, y = 1, sgd: the error e becomes e·(1 − 2·rate) in every step. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'type':'constant'} | 0.1,0.1,0.1 | 0.1,0.1,0.1,0.1,0.1,0.1",
        "{'type':'exponential','factor':0.5} | 0.1,0.05,0.025 | 0.1,0.1,0.05,0.05,0.025,0.025",
        "{'type':'constant','warmup_epochs':2} | 0.05,0.1,0.1 | 0.025,0.05,0.075,0.1,0.1,0.1",
      })
  void stepsUseTheRateThatTheEpochReports(String schedule, String reported, String used) {
    Recorder recorder = new Recorder();
    Trainings.run(
            "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
                + "'network':{'layers':[{'type':'dense','units':1,'initializer':'zeros',"
                + "'bias':false}]}}",
            "{'loss':'mse','epochs':3,'batch_size':1,'optimizer':{'type':'sgd',"
                + "'learning_rate':0.1},'learning_rate_schedule':"
                + schedule
                + "}",
            new Subset(
                2,
                Map.of("x", HostTensor.ofFloats(Shape.of(2, 1), 1, 1)),
                Map.of("y", HostTensor.ofFloats(Shape.of(2, 1), 1, 1))))
        .finish(recorder);

    double[] rates = Arrays.stream(used.split(",")).mapToDouble(Double::parseDouble).toArray();
    double error = 1;
    for (int epoch = 0; epoch < 3; epoch++) {
      EpochRecord record = recorder.epochs.get(epoch);
      double loss = 0;
      for (int step = 0; step < 2; step++) {
        loss += error * error / 2;
        error *= 1 - 2 * rates[2 * epoch + step];
      }
      assertThat(Trainings.value(record, "loss")).isCloseTo(loss, Offset.offset(1e-6));
      assertThat(record.learningRate())
          .isCloseTo(Double.parseDouble(reported.split(",")[epoch]), Offset.offset(1e-12));
    }
  }
}
