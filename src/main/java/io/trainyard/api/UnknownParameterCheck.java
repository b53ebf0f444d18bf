package io.trainyard.api;

import io.trainyard.error.ServiceException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses unknown query parameters: a misspelt one would silently mean the default. An operation
 * with a map of parameters accepts all.
 */
final class UnknownParameterCheck implements HandlerInterceptor {
  /** The controllers of this product are below this package; those of libraries are not. */
  private static final String OURS = UnknownParameterCheck.class.getPackageName() + ".";

  private final Map<HandlerMethod, Optional<Set<String>>> known = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    String query = request.getQueryString();
    // A forward to the error page keeps the query of the failed request.
    if (query != null
        && request.getDispatcherType() != DispatcherType.ERROR
        && !query.isEmpty()
        && handler instanceof HandlerMethod method
        && method.getBeanType().getName().startsWith(OURS)) {
      known
          .computeIfAbsent(method, UnknownParameterCheck::declared)
          .ifPresent(names -> check(query, names));
    }
    return true;
  }

  private static void check(String query, Set<String> names) {
    for (String pair : query.split("&", -1)) {
      String name = decode(pair.split("=", 2)[0]);
      if (!name.isEmpty() && !names.contains(name)) {
        throw ServiceException.parameter(
            "Unknown query parameter '"
                + name
                + "' here; known: "
                + (names.isEmpty() ? "none" : String.join(", ", names)));
      }
    }
  }

  private static String decode(String name) {
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }

  private static Optional<Set<String>> declared(HandlerMethod method) {
    Set<String> names = new TreeSet<>();
    for (MethodParameter parameter : QueryArguments.parameters(method)) {
      RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
      if (annotation == null) {
        continue;
      }
      if (Map.class.isAssignableFrom(parameter.getParameterType())) {
        return Optional.empty();
      }
      String name = annotation.name().isEmpty() ? annotation.value() : annotation.name();
      names.add(name.isEmpty() ? String.valueOf(parameter.getParameter().getName()) : name);
    }
    return Optional.of(names);
  }
}
