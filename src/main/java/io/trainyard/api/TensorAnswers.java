package io.trainyard.api;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** Tensors as JSON or NPY, by the {@code Accept} header. */
public final class TensorAnswers {
  private static final MediaType NPY = MediaType.parseMediaType(MediaTypes.NPY);

  private static final List<MediaType> BOTH = List.of(MediaType.APPLICATION_JSON, NPY);

  private TensorAnswers() {}

  /** Writes the tensor as it is read: nothing of its size is held in memory. */
  public static void write(
      String name,
      HostTensor tensor,
      HttpServletRequest request,
      HttpServletResponse response,
      JsonMapper mapper)
      throws IOException, HttpMediaTypeNotAcceptableException {
    if (prefersNpy(request)) {
      npy(tensor, response);
      return;
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    try (JsonGenerator json = mapper.createGenerator(response.getOutputStream())) {
      json.writeStartObject();
      json.writeStringProperty("name", name);
      json.writeStringProperty("type", tensor.type().name().toLowerCase(Locale.ROOT));
      json.writeName("shape");
      json.writePOJO(tensor.shape().dims());
      json.writeName("values");
      elements(tensor, json);
      json.writeEndObject();
    }
  }

  /** Writes a tensor as NPY, with its length. */
  public static void npy(HostTensor tensor, HttpServletResponse response) throws IOException {
    response.setContentType(MediaTypes.NPY);
    response.setContentLengthLong(Npy.length(tensor));
    Npy.write(tensor, response.getOutputStream());
  }

  /**
   * Whether the caller prefers NPY to JSON.
   *
   * @throws HttpMediaTypeNotAcceptableException when it accepts neither
   */
  public static boolean prefersNpy(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    return MediaTypes.preferred(request.getHeader("Accept"), BOTH).equals(NPY);
  }

  /** Writes a tensor as nested lists of numbers; NaN and infinities become strings. */
  public static void elements(HostTensor tensor, JsonGenerator json) {
    var _ = nested(tensor, 0, 0, json);
  }

  /** Writes the list of an axis that starts at this element; gives the index after it. */
  private static long nested(HostTensor tensor, int axis, long at, JsonGenerator json) {
    if (axis == tensor.shape().rank()) {
      number(tensor, at, json);
      return at + 1;
    }
    json.writeStartArray();
    long next = at;
    for (int i = 0; i < tensor.shape().axis(axis); i++) {
      next = nested(tensor, axis + 1, next, json);
    }
    json.writeEndArray();
    return next;
  }

  /** Writes one element; NaN and infinities become strings. */
  public static void number(HostTensor tensor, long index, JsonGenerator json) {
    switch (tensor.type()) {
      case FLOAT32 -> json.writeNumber(tensor.floatAt(index));
      case FLOAT64 -> json.writeNumber(tensor.doubleAt(index));
      case INT64 -> json.writeNumber(tensor.longAt(index));
      case INT8, INT16, INT32, UINT8 -> json.writeNumber((long) tensor.doubleAt(index));
      case BOOL -> json.writeBoolean(tensor.doubleAt(index) != 0);
    }
  }
}
