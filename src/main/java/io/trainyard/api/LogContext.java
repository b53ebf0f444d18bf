package io.trainyard.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/** Adds the job or model in a request's path to every log line of that request. */
public final class LogContext implements HandlerInterceptor {
  /** The attribute of a request that has the name of its caller. */
  public static final String CALLER = LogContext.class.getName() + ".caller";

  LogContext() {}

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod
        && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
            instanceof Map<?, ?> variables) {
      put("model", variables.get("model"));
      put("job", variables.get("job"));
    }
    return true;
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    MDC.remove("model");
    MDC.remove("job");
  }

  private static void put(String name, @Nullable Object id) {
    if (id instanceof String text) {
      MDC.put(name, text);
    }
  }
}
