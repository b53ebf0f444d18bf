package io.trainyard.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** A person who looks at answers in a browser: gets pages where programs get JSON. */
public final class Browser {
  /** What pages may load: the files of this service. */
  public static final String POLICY =
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
          + " frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

  /** What answers may load that are no pages. */
  public static final String NOTHING =
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

  /** What Java's own HTTP client asks for when nobody says anything: it shows nothing. */
  private static final MediaType JAVA = MediaType.IMAGE_GIF;

  private Browser() {}

  /** Whether the caller reads, and prefers HTML by name to JSON. */
  public static boolean asks(HttpServletRequest request) {
    if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
      return false;
    }
    try {
      List<MediaType> accepted =
          MediaType.parseMediaTypes(Collections.list(request.getHeaders("Accept")));
      return quality(accepted, MediaType.TEXT_HTML) > quality(accepted, MediaType.APPLICATION_JSON)
          && accepted.stream().noneMatch(JAVA::equalsTypeAndSubtype);
    } catch (InvalidMediaTypeException _) {
      return false;
    }
  }

  /** How much a caller wants a type that it names; 0 for one that it does not name. */
  public static double quality(List<MediaType> accepted, MediaType type) {
    return accepted.stream()
        .filter(type::equalsTypeAndSubtype)
        .mapToDouble(MediaType::getQualityValue)
        .max()
        .orElse(0);
  }
}
