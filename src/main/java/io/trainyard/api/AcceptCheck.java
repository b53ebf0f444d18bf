package io.trainyard.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses a caller that does not accept JSON before an operation that answers JSON does anything.
 * Spring looks at the header only when it writes the answer, after a job is submitted.
 */
final class AcceptCheck implements HandlerInterceptor {
  private static final List<MediaType> JSON = List.of(MediaType.APPLICATION_JSON);

  private final Map<Method, Boolean> answersJson = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws HttpMediaTypeNotAcceptableException {
    if (handler instanceof HandlerMethod method
        && answersJson.computeIfAbsent(method.getMethod(), _ -> answersJson(method))
        && !acceptsJson(request)) {
      throw new HttpMediaTypeNotAcceptableException(JSON);
    }
    return true;
  }

  /** Whether it returns an object that is written as JSON, and its mapping does not say so. */
  private static boolean answersJson(HandlerMethod method) {
    RequestMapping mapping = method.getMethodAnnotation(RequestMapping.class);
    Type type = method.getMethod().getGenericReturnType();
    if (type instanceof ParameterizedType generic && generic.getRawType() == ResponseEntity.class) {
      type = generic.getActualTypeArguments()[0];
    }
    boolean object =
        type instanceof ParameterizedType || (type instanceof Class<?> c && c.isRecord());
    return object && mapping != null && mapping.produces().length == 0;
  }

  private static boolean acceptsJson(HttpServletRequest request) {
    List<String> headers = Collections.list(request.getHeaders("Accept"));
    if (headers.isEmpty()) {
      return true;
    }
    try {
      return MediaType.parseMediaTypes(headers).stream()
          .filter(range -> range.getQualityValue() > 0)
          .anyMatch(range -> range.includes(MediaType.APPLICATION_JSON));
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }
}
