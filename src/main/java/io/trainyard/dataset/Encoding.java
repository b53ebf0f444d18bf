package io.trainyard.dataset;

import io.trainyard.spec.Signature;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How rows become input tensors and output tensors become answers: the one code path of training
 * and prediction. Categories and classes are known from submit on; scaling and imputation
 * statistics once learned.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Encoding {
  private final Map<String, InputEncoding> inputs;
  private final Map<String, TargetEncoding> targets;

  Encoding(Map<String, InputEncoding> inputs, Map<String, TargetEncoding> targets) {
    this.inputs = new LinkedHashMap<>(inputs);
    this.targets = new LinkedHashMap<>(targets);
  }

  /** Takes back what {@link #toJson} gave. */
  public static Encoding fromJson(JsonNode json) {
    throw new UnsupportedOperationException(json.toString());
  }

  public Map<String, InputEncoding> inputs() {
    return inputs;
  }

  public Map<String, TargetEncoding> targets() {
    return targets;
  }

  /** The row shape of every network input. */
  public Map<String, Shape> inputShapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    inputs.forEach((name, input) -> shapes.put(name, input.shape()));
    return shapes;
  }

  /** Row shapes and types of the network inputs, and of the outputs the targets need. */
  public Signature signature() {
    throw new UnsupportedOperationException();
  }

  /**
   * Encodes instances of a predict request.
   *
   * @param instances a JSON list of objects by column
   * @param pointer the list's place in the body
   */
  public Map<String, HostTensor> encode(JsonNode instances, String pointer) {
    throw new UnsupportedOperationException(instances + pointer);
  }

  /** Answers, one object by target and row, from the network's outputs by output name. */
  public JsonNode decode(Map<String, HostTensor> outputs, int rows) {
    throw new UnsupportedOperationException(outputs + " " + rows);
  }

  /** Everything learned, as stored with a version. */
  public JsonNode toJson() {
    throw new UnsupportedOperationException();
  }
}
