package io.trainyard.api.access;

import io.trainyard.access.Access;
import io.trainyard.access.Identity;
import io.trainyard.access.Quotas;
import io.trainyard.api.access.OperationRules.Rule;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Lets a caller use an operation, or says which scope it lacks. It decides by the handler that will
 * run, so that no spelling of a path gets around a rule.
 */
@Component
public record Authorization(Access access, Quotas quotas)
    implements HandlerInterceptor, WebMvcConfigurer {
  /** The rule of an operation that ran, for the audit log. */
  static final String ALLOWED = Authorization.class.getName() + ".allowed";

  private static final OperationRules RULES = new OperationRules();
  private static final String OURS = "io.trainyard.";
  private static final String ERROR_PAGE = "/error";
  private static final String UPLOADS = "/v1/datasets";

  /** Before any other interceptor looks at a request. */
  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).order(Ordered.HIGHEST_PRECEDENCE);
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (!(handler instanceof HandlerMethod method) || !isOurs(method, request)) {
      return true;
    }
    Rule rule = check(request);
    checkQuota(rule, request);
    // An operation without a rule is none of the service's own, as in measurements.
    if (RULES.find(request.getMethod(), pattern(request)) != null) {
      request.setAttribute(ALLOWED, rule);
    }
    return true;
  }

  /** What libraries add, as the pages of the documentation, is open or refused by its path. */
  private static boolean isOurs(HandlerMethod method, HttpServletRequest request) {
    return request.getDispatcherType() != DispatcherType.ERROR
        && method.getBeanType().getName().startsWith(OURS);
  }

  /**
   * Refuses a caller who may not use an operation.
   *
   * @throws io.trainyard.error.ServiceException UNAUTHENTICATED or FORBIDDEN
   */
  public void require(HttpServletRequest request) {
    check(request);
  }

  /**
   * Refuses a caller whose quota is used up, before anything reads the body.
   *
   * @throws io.trainyard.error.ServiceException QUOTA_EXCEEDED
   */
  public void requireRoom(HttpServletRequest request) {
    Rule rule = RULES.find(request.getMethod(), pattern(request));
    if (rule != null) {
      checkQuota(rule, request);
    }
  }

  private Rule check(HttpServletRequest request) {
    String pattern = pattern(request);
    Rule found = RULES.find(request.getMethod(), pattern);
    if (access.isOpen() || pattern.equals(ERROR_PAGE)) {
      return found == null ? Rule.UNKNOWN : found;
    }
    Rule rule = Objects.requireNonNullElse(found, Rule.UNKNOWN);
    if (rule.isOpen()) {
      return rule;
    }
    Identity caller = Identity.current();
    if (caller.id().isEmpty()) {
      throw access.needsKey();
    }
    if (rule.any().stream().noneMatch(caller::has)) {
      caller.require(rule.any(), request.getMethod() + " " + pattern);
    }
    String model = named(request, "model");
    if (model != null) {
      caller.requireModel(model);
    }
    String dataset = named(request, "dataset");
    if (dataset != null) {
      caller.requireDataset(dataset);
    }
    String uploaded = uploaded(request, pattern);
    if (uploaded != null) {
      caller.requireDataset(uploaded);
    }
    return rule;
  }

  /** The dataset that an upload names in its address; the body is not read for it. */
  private static @Nullable String uploaded(HttpServletRequest request, String pattern) {
    String query = request.getQueryString();
    if (query == null || !pattern.equals(UPLOADS) || !request.getMethod().equals("POST")) {
      return null;
    }
    for (String each : query.split("&", -1)) {
      if (each.startsWith("name=")) {
        try {
          return URLDecoder.decode(each.substring("name=".length()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
          return null; // the handler says so
        }
      }
    }
    return null;
  }

  private static String pattern(HttpServletRequest request) {
    return String.valueOf(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
  }

  /** The model or the dataset that a path names. */
  private static @Nullable String named(HttpServletRequest request, String variable) {
    return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                instanceof Map<?, ?> variables
            && variables.get(variable) instanceof String name
        ? name
        : null;
  }

  private void checkQuota(Rule rule, HttpServletRequest request) {
    switch (rule.quota()) {
      case STORES -> quotas.checkBytes(Math.max(0, request.getContentLengthLong()));
      case QUEUES -> {
        quotas.checkJobs();
        quotas.checkBytes(0); // it stores something at its end
      }
      case NONE -> {}
    }
  }
}
