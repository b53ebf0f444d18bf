package io.trainyard.engine;

import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.util.Map;

/** One engine for all tests of a JVM, and short ways to make networks. */
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
