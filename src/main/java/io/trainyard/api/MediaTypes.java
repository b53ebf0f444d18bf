package io.trainyard.api;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;

/** Media types that Spring does not know. */
public final class MediaTypes {
  public static final String NPY = "application/x-npy";
  public static final String PNG = "image/png";
  public static final String JPEG = "image/jpeg";
  public static final String SAFETENSORS = "application/vnd.safetensors";

  /** For a type that no range has. */
  private static final MediaType NONE = MediaType.parseMediaType("*/*;q=0");

  private MediaTypes() {}

  /**
   * What a caller prefers of several types, by the quality that its most specific range gives them.
   * Of equal ones it prefers those that it names, and its first.
   *
   * @param accept the header, which may be absent
   * @param types the first is for a caller without a preference
   * @throws HttpMediaTypeNotAcceptableException when it accepts none
   */
  public static MediaType preferred(@Nullable String accept, List<MediaType> types)
      throws HttpMediaTypeNotAcceptableException {
    if (accept == null || accept.isBlank()) {
      return types.getFirst();
    }
    List<MediaType> ranges;
    try {
      ranges = MediaType.parseMediaTypes(accept);
    } catch (InvalidMediaTypeException e) {
      throw new HttpMediaTypeNotAcceptableException(types);
    }
    return types.stream()
        .filter(type -> quality(ranges, type) > 0)
        .min(
            Comparator.comparingDouble((MediaType type) -> -quality(ranges, type))
                .thenComparing(type -> !range(ranges, type).isConcrete())
                .thenComparingInt(type -> ranges.indexOf(range(ranges, type)))
                .thenComparingInt(types::indexOf))
        .orElseThrow(() -> new HttpMediaTypeNotAcceptableException(types));
  }

  private static double quality(List<MediaType> ranges, MediaType type) {
    return range(ranges, type).getQualityValue();
  }

  /** The most specific range that has a type. */
  private static MediaType range(List<MediaType> ranges, MediaType type) {
    return ranges.stream()
        .filter(range -> range.includes(type))
        .min(
            Comparator.comparing(MediaType::isWildcardType)
                .thenComparing(MediaType::isWildcardSubtype))
        .orElse(NONE);
  }

  /** The header {@code Content-Disposition} of an answer that a browser stores as a file. */
  public static String attachment(String name) {
    return ContentDisposition.attachment().filename(name).build().toString();
  }

  static String list(List<MediaType> types) {
    return types.isEmpty()
        ? "of another type"
        : types.stream()
            .map(MediaType::toString)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
  }
}
