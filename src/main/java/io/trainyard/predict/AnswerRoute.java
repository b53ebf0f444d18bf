package io.trainyard.predict;

import io.trainyard.model.VersionDefinition;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A way in which predictions leave the service: JSON, arrays, named tensors, columns. */
@FunctionalInterface
public interface AnswerRoute {
  /**
   * Makes the answer and drops it.
   *
   * @param outputs of the network, [rows, ...] by name
   * @throws RuntimeException when there is none, or it has another shape than it is said to have
   */
  void answer(VersionDefinition definition, Map<String, HostTensor> outputs, int rows);

  /** All of these, one after the other. */
  static AnswerRoute all(AnswerRoute... routes) {
    List<AnswerRoute> all = List.of(routes);
    return (definition, outputs, rows) ->
        all.forEach(route -> route.answer(definition, outputs, rows));
  }

  /** Why there is no answer; null when there is one. */
  default @Nullable String fault(
      VersionDefinition definition, Map<String, HostTensor> outputs, int rows) {
    try {
      answer(definition, outputs, rows);
      return null;
    } catch (RuntimeException e) {
      return "No prediction can be made of the outputs: " + e.getMessage();
    }
  }
}
