package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.image.BadImageException;
import io.trainyard.tensor.image.ImageRows;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** One PNG or JPEG image: the only row of a model that reads images and nothing else. */
public final class ImageRequest extends AnalysedRequest {
  private final byte[] file;
  private final List<String> outputs;
  private final ImageRows images;

  public ImageRequest(byte[] file, List<String> outputs, ImageRows images) {
    this.file = file;
    this.outputs = List.copyOf(outputs);
    this.images = images;
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
    Encoding encoding = model.definition().encoding();
    if (encoding == null) {
      return tensor(model, memory);
    }
    String column = model.onlyColumn();
    Shape shape = column == null ? null : model.tensorColumns().get(column);
    if (column == null || shape == null) {
      throw notOneImage("the columns " + encoding.columnNames());
    }
    ArrayNode instances = JsonNodeFactory.instance.arrayNode();
    instances
        .addObject()
        .set(column, JsonNodeFactory.instance.binaryNode(pixels(shape, model, memory)));
    return encoding.encode(instances, "", 0);
  }

  private Map<String, HostTensor> tensor(LoadedModel model, ByteBudget.Reservation memory) {
    Map<String, Signature.Tensor> inputs = model.signature().inputs();
    if (inputs.size() != 1) {
      throw notOneImage("the inputs " + inputs.keySet());
    }
    var input = inputs.entrySet().iterator().next();
    Shape shape = input.getValue().shape();
    byte[] pixels = pixels(shape, model, memory);
    HostTensor tensor = HostTensor.allocate(input.getValue().type(), shape.batched(1));
    ImageInstances.put(pixels, tensor, 0);
    return Map.of(input.getKey(), tensor);
  }

  private byte[] pixels(Shape shape, LoadedModel model, ByteBudget.Reservation memory) {
    if (!ImageRows.areImages(shape)) {
      throw notOneImage("rows of the shape " + shape);
    }
    memory.add(1, model.rowCost().inputBytes(), "input");
    try {
      return images.read(file, shape);
    } catch (BadImageException e) {
      throw new ServiceException(
          ErrorCode.MALFORMED_BODY, "The body cannot be read as an image: " + e.getMessage(), e);
    }
  }

  private static ServiceException notOneImage(String reads) {
    return ServiceException.invalid(
        "",
        "An image as the body is for a model that reads one image; this one reads "
            + reads
            + ", so use JSON");
  }
}
