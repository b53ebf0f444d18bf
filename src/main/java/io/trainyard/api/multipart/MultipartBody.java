package io.trainyard.api.multipart;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.util.List;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.multipart.MultipartException;

/** A body of several parts. The server stores all parts when the first one is asked for. */
public final class MultipartBody {
  private static final String TYPE = "multipart/";

  private MultipartBody() {}

  public static boolean isSentBy(HttpServletRequest request) {
    String type = request.getContentType();
    return type != null && type.strip().regionMatches(true, 0, TYPE, 0, TYPE.length());
  }

  /** Whether an operation takes such a body. */
  public static boolean isTakenBy(HandlerMethod method) {
    RequestMapping mapping =
        AnnotatedElementUtils.findMergedAnnotation(method.getMethod(), RequestMapping.class);
    return mapping != null
        && List.of(mapping.consumes()).contains(MediaType.MULTIPART_FORM_DATA_VALUE);
  }

  /**
   * All parts, each of which the caller deletes.
   *
   * @throws MultipartException when the body is broken
   * @throws ServiceException BODY_TOO_LARGE
   */
  public static List<Part> parts(HttpServletRequest request) throws IOException {
    try {
      return List.copyOf(request.getParts());
    } catch (ServletException e) {
      throw new MultipartException("unreadable", e);
    } catch (IOException e) {
      throw new MultipartException("broken", e);
    } catch (IllegalStateException e) {
      throw new ServiceException(
          ErrorCode.BODY_TOO_LARGE,
          "The body has more bytes than spring.servlet.multipart allows, or more parts than"
              + " server.tomcat.max-part-count",
          e);
    }
  }
}
