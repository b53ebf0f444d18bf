package io.trainyard.predict.request;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * One NPY array: the instances of a model's only input. Columns are in order and unscaled; tensors,
 * windows and indices are as they are.
 */
public final class NpyRequest extends AnalysedRequest {
  private final byte[] file;
  private final List<String> outputs;

  public NpyRequest(byte[] file, List<String> outputs) {
    this.file = file;
    this.outputs = List.copyOf(outputs);
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
    HostTensor array;
    try {
      array = Npy.read(file);
    } catch (FormatException e) {
      throw new ServiceException(
          ErrorCode.MALFORMED_BODY, "The body is not an NPY file: " + e.getMessage(), e);
    }
    Signature signature = model.signature();
    if (signature.inputs().size() != 1) {
      throw ServiceException.invalid(
          "",
          "An NPY body is possible for a model with one input; this one has "
              + signature.inputs().keySet());
    }
    Map<String, HostTensor> inputs =
        ArrayRows.encode(model, array, DataType.of(array.type()), new BitSet(0), memory);
    model.checkIndices(inputs, "");
    return inputs;
  }
}
