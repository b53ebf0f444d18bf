package io.trainyard.job;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.MeasuredForms;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredForm;
import io.trainyard.train.metric.MeasuredValues;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** Jobs in a whole service whose trainings follow a script. */
@ServiceTest
@Import(ScriptedTraining.class)
// Workers would know nothing of the scripts.
@TestPropertySource(properties = "trainyard.jobs.isolation=none")
@Timeout(60)
abstract class ScriptedJobs {
  static final Duration SOON = Duration.ofSeconds(20);
  private static final AtomicInteger SEEDS = new AtomicInteger();

  private @Autowired ScriptedTraining training;
  @Autowired JobStore store;
  @Autowired Attempts attempts;
  @Autowired Http http;
  String model = "";

  @BeforeEach
  void connect(TestInfo test) {
    http.sample("xor");
    String name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    model = name.substring(0, Math.min(60, name.length()));
  }

  String submitted(ScriptedTraining.Script script) {
    return submitted(script, "");
  }

  String submitted(ScriptedTraining.Script script, String more) {
    long seed = SEEDS.incrementAndGet();
    training.add(seed, script);
    return http.submit(
        """
        {"model": {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}},
                   "targets": {"y": {"column": "y", "type": "class"}},
                   "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 10, "seed": %d}%s}
        """
            .formatted(model, seed, more));
  }

  Job job(String path) {
    return store.find(path.substring("/v1/jobs/".length())).orElseThrow();
  }

  int versions() {
    return http.get("/v1/models/" + model + "/versions").expect(200).json().get("versions").size();
  }

  /** Of no rows. */
  static final Evaluation EVALUATION =
      new Evaluation(
          PreparedData.Part.TEST,
          0,
          new MeasuredValues(),
          new MeasuredForm("test", 0, Map.of(), Map.of()),
          Map.of(),
          Map.of(),
          Map.of(),
          List.of(),
          true);

  static TrainingOutcome.Finished finished(
      ScriptedTraining.Call call, int epochs, StopReason reason) {
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    for (WeightSpec weight : call.plan().shapes().weights()) {
      weights.put(weight.name(), HostTensor.allocate(ElementType.FLOAT32, weight.shape()));
    }
    EpochRecord last = epochs == 0 ? null : record(epochs);
    return new TrainingOutcome.Finished(
        weights,
        last,
        last,
        MeasuredForms.NONE,
        new MeasuredValues(),
        EVALUATION,
        null,
        Map.of(),
        FittedCertainty.NONE,
        reason,
        epochs,
        1,
        Device.CPU,
        0.1,
        null,
        List.of(),
        null);
  }

  static EpochRecord record(int epoch) {
    return new EpochRecord(epoch, "", Map.of("loss", 1.0 / epoch), 0.1, 0.01);
  }

  static void report(TrainingListener listener, int epoch) {
    listener.epoch(record(epoch), new Progress("", epoch, 10, 1, 1, epoch / 10.0, 1, 100));
  }

  static Checkpoint checkpoint() {
    return new Checkpoint(
        new Checkpoint.Position(1, 1, 1, 0.5, record(1), record(1), 0, null, List.of(), null),
        Map.of());
  }

  /** Waits for a command. */
  static TrainingCommand await(TrainingListener listener) {
    while (listener.command() == TrainingCommand.CONTINUE) {
      Http.pause(Duration.ofMillis(5));
    }
    return listener.command();
  }

  void awaitState(String path, String state) {
    while (!http.get(path).json().get("state").stringValue().equals(state)) {
      Http.pause(Duration.ofMillis(10));
    }
  }
}
