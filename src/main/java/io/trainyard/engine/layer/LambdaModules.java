package io.trainyard.engine.layer;

import io.trainyard.engine.expression.ExpressionEvaluation;
import io.trainyard.engine.expression.ExpressionEvaluation.Value;
import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A layer computed from an expression of its inputs and its trained parameters. */
final class LambdaModules {
  private LambdaModules() {}

  static LayerModule of(Layer layer, LambdaSpec spec, LayerShape shape, LayerWeights weights) {
    Map<String, Integer> places = spec.places(layer);
    Map<String, Value> parameters = new HashMap<>();
    for (String name : spec.parameters().keySet()) {
      parameters.put(name, new Value(weights.tensor(name), false));
    }
    long[] row = shape.output().toLongs();
    return (inputs, context) -> {
      Map<String, Value> variables = new HashMap<>(parameters);
      ScalarType numbers = weights.all().type();
      places.forEach(
          (name, place) -> variables.put(name, new Value(number(inputs[place], numbers), true)));
      ScalarType type = number(inputs[0], numbers).scalar_type();
      Tensor value = new ExpressionEvaluation(variables, type).of(spec.expression());
      // An expression of comparisons and literals alone has another type.
      Tensor typed = value.scalar_type().intern() == type.intern() ? value : value.to(type);
      return typed.reshape(LayerModules.batched(inputs[0], row));
    };
  }

  /** Indices as numbers; other numbers unchanged. */
  private static Tensor number(Tensor input, ScalarType type) {
    return input.scalar_type().intern() == ScalarType.Long ? input.to(type) : input;
  }
}
