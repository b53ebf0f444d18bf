package io.trainyard.api;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;

/** Media types that Spring does not know. */
public final class MediaTypes {
  public static final String NPY = "application/x-npy";
  public static final String PNG = "image/png";
  public static final String JPEG = "image/jpeg";
  public static final String SAFETENSORS = "application/vnd.safetensors";

  private MediaTypes() {}

  static String list(List<MediaType> types) {
    return types.isEmpty()
        ? "of another type"
        : types.stream().map(MediaType::toString).distinct().collect(Collectors.joining(", "));
  }
}
