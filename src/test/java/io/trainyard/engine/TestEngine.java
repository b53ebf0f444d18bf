package io.trainyard.engine;

import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One engine for all tests of a JVM, and shortcuts to build models and plans. */
public final class TestEngine {
  private static final Engine ENGINE = started();

  private TestEngine() {}

  public static Engine get() {
    return ENGINE;
  }

  private static Engine started() {
    Engine engine = Engine.start(new EngineProperties(null, 2), Path.of("target"));
    engine.awaitReady();
    return engine;
  }

  /** A model from JSON with ' for ". */
  public static ModelSpec model(String json) {
    return SpecReader.model(StrictJson.parse(json.replace('\'', '"')));
  }

  /** A training spec from JSON with ' for ". */
  public static TrainingSpec training(String json) {
    Violations violations = new Violations();
    TrainingSpec training =
        SpecReader.training(StrictJson.parse(json.replace('\'', '"')), "", violations);
    violations.throwIfAny();
    return Objects.requireNonNull(training);
  }

  /** A plan for one target 't', on one thread of the CPU with seed 1. */
  public static TrainingPlan plan(
      ModelSpec model, String training, Map<String, HostTensor> weights) {
    TargetSpec.Source column = new TargetSpec.Source.Columns(List.of("t"));
    TargetSpec target =
        new TargetSpec(
            column,
            null,
            null,
            List.of(),
            TargetSpec.Label.TEXT,
            0,
            null,
            ByColumn.all(new Scaling.None()),
            TargetSpec.Clip.NONE,
            TargetSpec.Rule.DEFAULT);
    return new TrainingPlan(
        model.network(),
        shapes(model),
        Map.of("t", target),
        training(training),
        1,
        weights,
        1,
        Device.CPU);
  }

  /** The shapes of a model that takes raw tensors. */
  public static NetworkShapes shapes(ModelSpec model) {
    return shapes(model, model.network().inputs());
  }

  public static NetworkShapes shapes(ModelSpec model, Map<String, Shape> inputs) {
    Violations violations = new Violations();
    NetworkShapes shapes = ShapeInference.infer(model.network(), inputs, "", violations);
    violations.throwIfAny();
    return shapes;
  }
}
