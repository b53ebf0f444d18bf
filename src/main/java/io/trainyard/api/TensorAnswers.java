package io.trainyard.api;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Tensors as JSON or NPY, by the {@code Accept} header. */
public final class TensorAnswers {
  private static final MediaType NPY = MediaType.parseMediaType(MediaTypes.NPY);

  private static final List<MediaType> BOTH = List.of(MediaType.APPLICATION_JSON, NPY);

  private TensorAnswers() {}

  public static ResponseEntity<?> answer(String name, HostTensor tensor, HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    return prefersNpy(request)
        ? ResponseEntity.ok().contentType(NPY).body(Npy.write(tensor))
        : ResponseEntity.ok()
            .contentType(MediaType.APPLICATION_JSON)
            .body(TensorView.of(name, tensor));
  }

  /**
   * Whether the caller prefers NPY to JSON.
   *
   * @throws HttpMediaTypeNotAcceptableException when it accepts neither
   */
  public static boolean prefersNpy(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    String accept = request.getHeader("Accept");
    if (accept == null) {
      return false;
    }
    List<MediaType> types;
    try {
      types = MediaType.parseMediaTypes(accept);
    } catch (InvalidMediaTypeException e) {
      throw new HttpMediaTypeNotAcceptableException(BOTH);
    }
    double npy = quality(types, NPY);
    double json = quality(types, MediaType.APPLICATION_JSON);
    if (npy <= 0 && json <= 0) {
      throw new HttpMediaTypeNotAcceptableException(BOTH);
    }
    return npy > json || (npy > 0 && types.getFirst().equalsTypeAndSubtype(NPY));
  }

  private static double quality(List<MediaType> accepted, MediaType type) {
    return accepted.stream()
        .filter(range -> range.includes(type))
        .mapToDouble(MediaType::getQualityValue)
        .max()
        .orElse(0);
  }

  /** A tensor with its name and shape. */
  record TensorView(String name, String type, List<Integer> shape, JsonNode values) {
    static TensorView of(String name, HostTensor tensor) {
      return new TensorView(
          name,
          tensor.type().name().toLowerCase(Locale.ROOT),
          tensor.shape().dims(),
          nested(tensor, tensor.shape(), 0, new long[1]));
    }
  }

  /** Nested lists of numbers; NaN and infinities as strings. */
  static JsonNode nested(HostTensor tensor, Shape shape, int axis, long[] next) {
    if (axis == shape.rank()) {
      return number(tensor, next[0]++);
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode(shape.axis(axis));
    for (int i = 0; i < shape.axis(axis); i++) {
      list.add(nested(tensor, shape, axis + 1, next));
    }
    return list;
  }

  private static JsonNode number(HostTensor tensor, long index) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (tensor.type()) {
      case FLOAT32 -> {
        float x = tensor.floatAt(index);
        yield Float.isFinite(x) ? json.numberNode(x) : json.stringNode(Float.toString(x));
      }
      case FLOAT64 -> {
        double x = tensor.doubleAt(index);
        yield Double.isFinite(x) ? json.numberNode(x) : json.stringNode(Double.toString(x));
      }
      case INT64 -> json.numberNode(tensor.longAt(index));
      case INT8, INT16, INT32, UINT8 -> json.numberNode((long) tensor.doubleAt(index));
      case BOOL -> json.booleanNode(tensor.doubleAt(index) != 0);
    };
  }
}
