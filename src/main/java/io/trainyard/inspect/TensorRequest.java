package io.trainyard.inspect;

import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.Predictor;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * Rows that are encoded already.
 *
 * @param inputs by input, [rows, ...]
 * @param outputs layers wanted besides the network's own outputs
 */
public record TensorRequest(Map<String, HostTensor> inputs, List<String> outputs)
    implements Predictor.Request {
  public TensorRequest {
    inputs = Map.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
    int rows = inputs.values().iterator().next().shape().axis(0);
    memory.add(rows, model.rowCost().inputBytes(), "input");
    return inputs;
  }
}
