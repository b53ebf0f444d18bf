package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.inspect.plot.Picture;
import io.trainyard.inspect.plot.Plot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;

/** A plot as JSON, SVG or PNG, by the {@code Accept} header. */
public record PictureAnswers(MediaType type, Picture picture) {
  public static final String SVG = "image/svg+xml";

  private static final int WIDTH = 800;
  private static final int HEIGHT = 600;

  /** The first is what a caller without a preference gets. */
  private static final List<MediaType> TYPES =
      List.of(MediaType.APPLICATION_JSON, MediaType.parseMediaType(SVG), MediaType.IMAGE_PNG);

  /**
   * What a caller accepts.
   *
   * @param width of a picture in pixels; null for the usual one
   * @param height likewise
   * @throws HttpMediaTypeNotAcceptableException when it accepts none of the three
   */
  public static PictureAnswers of(
      @Nullable String accept, @Nullable Integer width, @Nullable Integer height)
      throws HttpMediaTypeNotAcceptableException {
    try {
      return new PictureAnswers(
          MediaTypes.preferred(accept, TYPES),
          new Picture(width == null ? WIDTH : width, height == null ? HEIGHT : height));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.INVALID_PARAMETER, String.valueOf(e.getMessage()), e);
    }
  }

  /** The bytes of a plot. */
  public Function<Plot, byte[]> form() {
    if (type.equals(MediaType.APPLICATION_JSON)) {
      return plot -> plot.toJson().toString().getBytes(StandardCharsets.UTF_8);
    }
    return type.equals(MediaType.IMAGE_PNG) ? picture::png : picture::svg;
  }

  public ResponseEntity<byte[]> answer(byte[] body) {
    return ResponseEntity.ok().contentType(type).body(body);
  }
}
