package io.trainyard.dataset;

import io.trainyard.spec.Signature;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How rows become input tensors and output tensors become answers: the one code path of training
 * and prediction. Categories and classes are known from submit on; scaling and imputation
 * statistics once learned.
 */
public interface Encoding {
  /** Row shapes and types of the network inputs, and of the outputs the targets need. */
  Signature signature();

  /**
   * Encodes instances of a predict request.
   *
   * @param instances a JSON list of objects by column
   * @param pointer the list's place in the body
   */
  Map<String, HostTensor> encode(JsonNode instances, String pointer);

  /** Answers, one object by target and row, from the network's outputs by output name. */
  JsonNode decode(Map<String, HostTensor> outputs, int rows);

  /** Everything learned, as stored with a version. */
  JsonNode toJson();
}
