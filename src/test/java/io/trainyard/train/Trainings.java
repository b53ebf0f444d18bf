package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.TestEngine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Builds trainings on rows given as floats, and compares their results. */
final class Trainings {
  static final Subset NONE = new Subset(0, Map.of(), Map.of());

  static final String XOR_MODEL =
      "{'name':'xor','inputs':{'x':{'columns':['a','b']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','units':4,'activation':'tanh'},"
          + "{'type':'dense','units':1,'activation':'sigmoid'}]}}";

  private Trainings() {}

  static Subset xor() {
    return new Subset(
        4,
        Map.of("x", HostTensor.ofFloats(Shape.of(4, 2), 0, 0, 0, 1, 1, 0, 1, 1)),
        Map.of("y", HostTensor.ofFloats(Shape.of(4, 1), 0, 1, 1, 0)));
  }

  static PreparedData data(Subset training, Subset validation, Subset test) {
    Encoding encoding = Encoding.fromJson(StrictJson.parse("{\"inputs\": {}, \"targets\": {}}"));
    return new PreparedData(training, validation, test, encoding, () -> {});
  }

  static TestTraining run(String model, String training, Subset... parts) {
    ModelSpec spec = TestEngine.model(model);
    Map<String, Shape> inputs = new LinkedHashMap<>();
    for (String name : spec.network().inputNames()) {
      inputs.put(name, Objects.requireNonNull(parts[0].inputs().get(name)).shape().row());
    }
    NetworkShapes shapes = TestEngine.shapes(spec, inputs);
    TrainingPlan plan =
        new TrainingPlan(
            spec.network(),
            shapes,
            spec.targets(),
            TestEngine.training(training),
            42,
            Map.of(),
            1,
            Device.CPU);
    return new TestTraining(
        plan,
        data(parts[0], parts.length > 1 ? parts[1] : NONE, parts.length > 2 ? parts[2] : NONE),
        null);
  }

  /** A value of the last epoch. */
  static double last(TrainingOutcome.Finished outcome, String name) {
    return value(Objects.requireNonNull(outcome.last()), name);
  }

  static double value(EpochRecord record, String name) {
    return Objects.requireNonNull(record.values().get(name), name);
  }

  /** Random rows with three classes. */
  static Subset rows(int count, long seed, Shape row) {
    Random random = new Random(seed);
    int width = Math.toIntExact(row.elements());
    HostTensor x = HostTensor.ofFloats(row.batched(count), new float[count * width]);
    HostTensor y = HostTensor.ofLongs(Shape.of(count), new long[count]);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < width; j++) {
        x.setFloat((long) i * width + j, (float) random.nextGaussian());
      }
      long first = (long) i * width;
      y.setLong(i, x.floatAt(first) > 0.4 ? 2 : x.floatAt(first + 1) > 0 ? 1 : 0);
    }
    return new Subset(count, Map.of("x", x), Map.of("y", y));
  }

  static void assertSameBits(Map<String, HostTensor> actual, Map<String, HostTensor> expected) {
    assertThat(bits(actual)).isEqualTo(bits(expected));
  }

  static Map<String, List<Byte>> bits(Map<String, HostTensor> weights) {
    Map<String, List<Byte>> bits = new HashMap<>();
    weights.forEach(
        (name, tensor) -> {
          List<Byte> bytes = new ArrayList<>();
          for (byte b : tensor.data().toArray(ValueLayout.JAVA_BYTE)) {
            bytes.add(b);
          }
          bits.put(name, bytes);
        });
    return bits;
  }
}
