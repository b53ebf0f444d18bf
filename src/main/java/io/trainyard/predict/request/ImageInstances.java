package io.trainyard.predict.request;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.image.BadImageException;
import io.trainyard.tensor.image.ImageRows;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The images in the instances of a request: {@code {"b64": "…"}} where nested numbers could stand.
 */
final class ImageInstances {
  static final String MEMBER = "b64";

  private final ImageRows images;

  ImageInstances(ImageRows images) {
    this.images = images;
  }

  /**
   * An instance with the pixels of its images, as binary nodes, in their places. An instance that
   * is an image by itself becomes an object with the only column.
   *
   * @param order the columns of an instance that is an array
   * @param tensors the columns that hold tensors
   * @param only the only column that a model reads; null when there are more
   */
  JsonNode decoded(
      JsonNode instance,
      List<String> order,
      Map<String, Shape> tensors,
      @Nullable String only,
      String pointer,
      Violations violations) {
    if (instance instanceof ArrayNode values && values.size() == order.size()) {
      for (int i = 0; i < values.size(); i++) {
        Shape tensor = tensors.get(order.get(i));
        if (tensor != null && values.get(i) instanceof ObjectNode image) {
          values.set(i, pixels(image, tensor, Violation.pointer(pointer, i), violations));
        }
      }
    }
    if (!(instance instanceof ObjectNode columns)) {
      return instance;
    }
    Shape shape = only == null ? null : tensors.get(only);
    if (only != null && shape != null && !columns.has(only) && columns.has(MEMBER)) {
      return JsonNodeFactory.instance
          .objectNode()
          .set(only, pixels(columns, shape, pointer, violations));
    }
    tensors.forEach(
        (column, tensor) -> {
          String at = Violation.pointer(pointer, column);
          switch (columns.get(column)) {
            case ObjectNode image -> columns.set(column, pixels(image, tensor, at, violations));
            case ArrayNode window -> {
              for (int i = 0; i < window.size(); i++) {
                if (window.get(i) instanceof ObjectNode image) {
                  window.set(i, pixels(image, tensor, Violation.pointer(at, i), violations));
                }
              }
            }
            case null, default -> {
              // The encoding says what it expected.
            }
          }
        });
    return columns;
  }

  private JsonNode pixels(ObjectNode image, Shape shape, String pointer, Violations violations) {
    JsonObject members = JsonObject.of(image, pointer, violations);
    String base64 = members.requiredText(MEMBER);
    members.finish();
    byte[] pixels = base64 == null ? null : pixels(base64, shape, pointer, violations);
    return JsonNodeFactory.instance.binaryNode(pixels == null ? new byte[0] : pixels);
  }

  /** Writes pixels into a tensor of floats or whole numbers. */
  static void put(byte[] pixels, HostTensor tensor, long at) {
    for (int i = 0; i < pixels.length; i++) {
      if (tensor.type() == ElementType.INT64) {
        tensor.setLong(at + i, pixels[i] & 0xff);
      } else {
        tensor.setFloat(at + i, pixels[i] & 0xff);
      }
    }
  }

  /** The pixels of an image in Base64; null with a violation when it is none. */
  byte @Nullable [] pixels(String base64, Shape shape, String pointer, Violations violations) {
    String at = Violation.pointer(pointer, MEMBER);
    if (!ImageRows.areImages(shape)) {
      violations.add(
          pointer,
          "Rows of the shape %s are not images: they have one or three channels, or no axis for"
                  .formatted(shape)
              + " channels");
      return null;
    }
    byte[] file;
    try {
      file = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      violations.add(
          at,
          base64.startsWith("data:")
              ? "Base64 was expected without the prefix 'data:…;base64,'"
              : "The bytes of a PNG or JPEG image in Base64 were expected: " + e.getMessage());
      return null;
    }
    try {
      return images.read(file, shape);
    } catch (BadImageException e) {
      violations.add(at, "The image cannot be read: " + e.getMessage());
      return null;
    }
  }
}
