package io.trainyard.api.multipart;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Refuses bodies that no operation reads, before they are stored: those in an unknown encoding, and
 * stray forms.
 */
@Component
record BodyCheck(SpoolFolder spool) implements HandlerInterceptor, WebMvcConfigurer {
  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this);
  }

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws HttpMediaTypeNotSupportedException, IOException {
    if (request.getDispatcherType() == DispatcherType.ERROR) {
      return true;
    }
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
      // Parts are read by the server, which knows no encoding. Other bodies were unpacked before.
      String instead = MultipartBody.isSentBy(request) ? "" : "with gzip, or ";
      response.setHeader(HttpHeaders.ACCEPT_ENCODING, instead.isEmpty() ? "identity" : "gzip");
      throw new ServiceException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "The body has the Content-Encoding '%s'; send it %swithout an encoding"
              .formatted(encoding, instead));
    }
    if (MultipartBody.isSentBy(request)) {
      if (!(handler instanceof HandlerMethod method && MultipartBody.isTakenBy(method))) {
        throw new HttpMediaTypeNotSupportedException(
            MediaType.MULTIPART_FORM_DATA, List.of(MediaType.APPLICATION_JSON));
      }
      spool.requireRoom(request);
    }
    return true;
  }
}
