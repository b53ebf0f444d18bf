package io.trainyard.api;

import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.databind.JsonNode;

/** Reads request bodies into JSON trees: strictly, and up to a size. */
record JsonBodyConverter(int maxBytes) implements HttpMessageConverter<JsonNode> {
  private static final List<MediaType> TYPES =
      List.of(MediaType.APPLICATION_JSON, new MediaType("application", "*+json"));

  @Override
  public boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
    return type == JsonNode.class
        && mediaType != null
        && TYPES.stream().anyMatch(known -> known.includes(mediaType));
  }

  @Override
  public boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
    return false;
  }

  @Override
  public List<MediaType> getSupportedMediaTypes() {
    return TYPES;
  }

  @Override
  public JsonNode read(Class<? extends JsonNode> type, HttpInputMessage message)
      throws IOException {
    try {
      return SchemaHints.without(
          BoundedBody.json(message.getBody(), message.getHeaders().getContentLength(), maxBytes));
    } catch (ServiceException e) {
      throw new HttpMessageNotReadableException(e.detail(), e, message);
    }
  }

  @Override
  public void write(JsonNode node, @Nullable MediaType mediaType, HttpOutputMessage message) {
    throw new UnsupportedOperationException("only reads");
  }
}
