package io.trainyard.api.access;

import io.trainyard.access.Access;
import io.trainyard.access.CallerLimits;
import io.trainyard.access.CallerMeters;
import io.trainyard.access.Identity;
import io.trainyard.access.Scope;
import io.trainyard.api.LogContext;
import io.trainyard.api.Probes;
import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.api.RequestPlace;
import io.trainyard.api.ScopedRequest;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.Practice;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Finds out who calls, and refuses who may not call at all or calls too often. What a caller may do
 * is decided later, by {@link Authorization}.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
record AccessFilter(
    Access access,
    Authorization authorization,
    CallerLimits limits,
    ProblemWriter problems,
    CallerMeters meters)
    implements RequestFilter {
  private static final Set<String> OPEN =
      Set.of(
          "/",
          "/livez",
          "/readyz",
          "/docs",
          "/docs.md",
          "/console",
          "/favicon.ico",
          "/v3/api-docs",
          "/v3/api-docs.yaml");
  private static final List<String> OPEN_BELOW =
      List.of(
          "/actuator/health",
          "/v2/health/",
          "/docs/",
          "/console/",
          "/swagger-ui/",
          "/v3/api-docs/",
          "/v1/schema/");
  private static final String ACTUATOR = "/actuator";

  /** Tells a caller without a key how to get one. */
  private static final String ME = "/v1/me";

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Identity caller;
    CallerLimits.Permit permit;
    try {
      caller =
          (Practice.isOn() ? Identity.practice() : caller(request)).from(request.getRemoteAddr());
      request.setAttribute(LogContext.CALLER, caller.label());
      permit = limits.enter(caller, request.getRemoteAddr());
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.UNAUTHENTICATED && request.getHeader("Authorization") != null) {
        response.setHeader(
            "WWW-Authenticate", "Bearer realm=\"trainyard\", error=\"invalid_token\"");
      }
      problems.write(e, request.getRequestURI(), response);
      return;
    }
    long start = System.nanoTime();
    try (permit) {
      ScopedRequest.run(
          rest -> caller.call(() -> again(request), rest), () -> chain.doFilter(request, response));
    } finally {
      if (!Practice.isOn() && !Probes.isProbe(request.getServletPath())) {
        // Who waits for a job slows nobody.
        meters.ended(caller.label(), Math.max(0, RequestPlace.busyUntil() - start));
      }
    }
  }

  /** The caller as of now, if it could still send the request. */
  private Identity again(HttpServletRequest request) {
    Identity now = caller(request);
    return now.call(
        () -> {
          authorization.require(request);
          return now;
        });
  }

  private Identity caller(HttpServletRequest request) {
    if (access.isOpen()) {
      return access.identify(null);
    }
    List<String> authorizations = Collections.list(request.getHeaders("Authorization"));
    // Decoded and without parameters, as the handlers see it.
    String path = request.getServletPath();
    if (isOpen(path) || (path.equals(ME) && authorizations.isEmpty())) {
      return Identity.nobody();
    }
    Identity caller = access.identify(Access.one(authorizations));
    if (caller.id().isEmpty()) {
      throw access.needsKey();
    }
    if (path.startsWith(ACTUATOR)) {
      caller.require(Set.of(Scope.READ), path);
      caller.requireUnbound(path);
    }
    return caller;
  }

  private static boolean isOpen(String path) {
    if (path.startsWith("/v1/models/")) {
      return false; // most calls
    }
    return OPEN.contains(path) || OPEN_BELOW.stream().anyMatch(path::startsWith);
  }
}
