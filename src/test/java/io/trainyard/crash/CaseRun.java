package io.trainyard.crash;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Engine;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TestEngine;
import io.trainyard.engine.TrainingSession;
import io.trainyard.json.StrictJson;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.Trainer;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;

/** Trains a network, then predicts with it in batches of several sizes. */
final class CaseRun {
  /** One network of this many is stopped within a step: libtorch takes long for its exception. */
  private static final int STOPPED = 8;

  /** Indices below every vocabulary. */
  private static final int INDICES = 5;

  /** Numbers of this size become infinite in most networks. */
  private static final float EXTREME = 1e30f;

  private static final Encoding ENCODING =
      Encoding.fromJson(StrictJson.parse("{\"inputs\": {}, \"targets\": {}}"));

  private static final TrainingListener SILENT =
      new TrainingListener() {
        @Override
        public TrainingCommand command() {
          return TrainingCommand.CONTINUE;
        }

        @Override
        public void epoch(EpochRecord record, Progress progress) {}
      };

  private final Engine engine = TestEngine.get();
  private final NetworkCase network;
  private final boolean indices;
  private final Random random = new Random(1);
  private float scale = 1;

  CaseRun(NetworkCase network) {
    this.network = network;
    indices = network.text().contains("'embedding'");
  }

  /**
   * Trains and predicts.
   *
   * @throws NonFiniteLossException when the training diverges
   */
  void run() {
    PreparedData data =
        new PreparedData(
            subset(NetworkCases.ROWS),
            subset(network.validationRows()),
            subset(0),
            ENCODING,
            () -> {});
    TrainingOutcome outcome = new Trainer(engine).train(network.plan(), data, null, SILENT);
    if (!(outcome instanceof TrainingOutcome.Finished finished)) {
      throw new IllegalStateException("the training ended early: " + outcome);
    }
    if (Math.floorMod(network.text().hashCode(), STOPPED) == 0) {
      engine.threads().run(2, this::stop);
    }
    try (LoadedNetwork loaded =
        engine.load(network.model().network(), network.shapes(), finished.weights())) {
      for (int rows : new int[] {1, 3, NetworkCases.ROWS}) {
        predict(loaded, List.of(network.output()), rows);
        predict(loaded, innerOutputs(), rows);
      }
      scale = EXTREME;
      predict(loaded, innerOutputs(), 2);
    }
  }

  /** Stops a step between two layers, forward or backward, as a cancelled job does. */
  private void stop() {
    try (TrainingSession session = engine.session(network.plan());
        ResidentSubset rows = session.load(subset(NetworkCases.ROWS))) {
      session.beginEpoch(rows, 0, 1, network.training().shuffle());
      AtomicInteger left = new AtomicInteger();
      session.stopWhen(() -> left.decrementAndGet() == 0);
      session.step(rows, 0, network.training().batchSize(), null);
      int asked = -left.get();
      left.set(1 + random.nextInt(asked));
      session.step(rows, 0, network.training().batchSize(), null);
      throw new IllegalStateException("the step did not stop");
    } catch (CancellationException e) {
      // That was asked for.
    }
  }

  /** All layers, each also before its activation. */
  private List<String> innerOutputs() {
    List<String> names = new ArrayList<>();
    for (Layer layer : network.model().network().layers()) {
      names.add(layer.name());
      names.add(layer.name() + ":pre");
    }
    return names;
  }

  private void predict(LoadedNetwork loaded, List<String> outputs, int rows) {
    Map<String, HostTensor> inputs = inputs(rows);
    Map<String, HostTensor> values =
        engine.threads().call(1, () -> loaded.forward(inputs, outputs, () -> false));
    for (String output : outputs) {
      Shape expected = network.shapes().of(output.replace(":pre", "")).batched(rows);
      HostTensor value = values.get(output);
      if (value == null || !value.shape().equals(expected)) {
        throw new IllegalStateException(
            "'%s' has %s, expected %s"
                .formatted(output, value == null ? "no value" : value.shape(), expected));
      }
    }
  }

  private Subset subset(int rows) {
    return new Subset(rows, inputs(rows), Map.of("t", target(rows)));
  }

  private Map<String, HostTensor> inputs(int rows) {
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    for (String name : network.model().network().inputNames()) {
      Shape shape = network.shapes().of(name).batched(rows);
      boolean integers = network.model().network().readsIndices(name);
      HostTensor input =
          HostTensor.allocate(integers ? ElementType.INT64 : ElementType.FLOAT32, shape);
      for (long i = 0; i < shape.elements(); i++) {
        if (integers) {
          input.setLong(i, random.nextInt(INDICES));
        } else {
          input.setFloat(
              i, indices ? random.nextInt(INDICES) : scale * (float) random.nextGaussian());
        }
      }
      inputs.put(name, input);
    }
    return inputs;
  }

  private HostTensor target(int rows) {
    if (network.classes() > 0) {
      HostTensor labels = HostTensor.allocate(ElementType.INT64, Shape.of(rows));
      for (int i = 0; i < rows; i++) {
        labels.setLong(i, i % network.classes());
      }
      return labels;
    }
    Shape shape = network.shapes().of(network.output()).batched(rows);
    HostTensor numbers = HostTensor.allocate(ElementType.FLOAT32, shape);
    for (long i = 0; i < shape.elements(); i++) {
      numbers.setFloat(i, random.nextFloat());
    }
    return numbers;
  }
}
