package io.trainyard.api.edge;

import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.error.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Refuses changes that a page of another web site asks for. A browser sends a POST without a body
 * to any service that it can reach, also to one on the user's machine. Browsers say where a request
 * comes from; callers that are no browsers send neither {@code Sec-Fetch-Site} nor {@code Origin},
 * and are not affected.
 *
 * <p>Source: F. Valsorda, "Cross-Site Request Forgery" (2025), as in Go's CrossOriginProtection.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
record CrossSiteFilter(EdgeProperties properties, ProblemWriter problems) implements RequestFilter {
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String origin = request.getHeader("Origin");
    if (origin != null && properties.origins().contains(origin)) {
      share(response, origin);
      if (isPreflight(request)) {
        answerPreflight(response);
        return;
      }
    } else if (!READS.contains(request.getMethod()) && isCrossSite(request, origin)) {
      problems.refuse(
          ErrorCode.CROSS_SITE,
          "A page of another web origin asked for this change. Add that origin to"
              + " trainyard.http.origins if its pages may change something here",
          request,
          response);
      return;
    }
    chain.doFilter(request, response);
  }

  private static boolean isCrossSite(HttpServletRequest request, @Nullable String origin) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    if (origin == null) {
      return false;
    }
    String host = request.getHeader("Host");
    return !Authority.ofOrigin(origin.toLowerCase(Locale.ROOT))
        .equals(host == null ? "" : host.strip().toLowerCase(Locale.ROOT));
  }

  /** Lets a page of an allowed origin read the answer (CORS). */
  private static void share(HttpServletResponse response, String origin) {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.addHeader("Vary", "Origin");
    response.setHeader(
        "Access-Control-Expose-Headers",
        "ETag, Link, Location, Retry-After, WWW-Authenticate, X-Request-ID");
  }

  /** Whether a browser asks before it sends a request of a page. */
  private static boolean isPreflight(HttpServletRequest request) {
    return request.getMethod().equals("OPTIONS")
        && request.getHeader("Access-Control-Request-Method") != null;
  }

  private static void answerPreflight(HttpServletResponse response) {
    response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    response.setHeader(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key,"
            + " Last-Event-ID, traceparent, X-Request-ID");
    // A browser asks again after an hour.
    response.setHeader("Access-Control-Max-Age", "3600");
    response.addHeader("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }
}
