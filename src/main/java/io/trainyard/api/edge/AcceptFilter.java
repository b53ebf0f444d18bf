package io.trainyard.api.edge;

import io.trainyard.api.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Forgets an {@code Accept} that names problems alone: it says how the caller wants errors, and
 * nothing about successes. Generated clients send it to an operation whose success has no body.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 6)
final class AcceptFilter extends HttpFilter {
  private static final MediaType PROBLEM = MediaType.parseMediaType(Problem.MEDIA_TYPE);

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(namesOnlyProblems(request) ? new Unsaid(request) : request, response);
  }

  private static boolean namesOnlyProblems(HttpServletRequest request) {
    String first = request.getHeader(HttpHeaders.ACCEPT);
    if (first == null || !first.contains(PROBLEM.getSubtype())) {
      return false;
    }
    try {
      return MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)))
          .stream()
          .allMatch(PROBLEM::equalsTypeAndSubtype);
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }

  /** The request without its {@code Accept}. */
  private static final class Unsaid extends HttpServletRequestWrapper {
    Unsaid(HttpServletRequest request) {
      super(request);
    }

    @Override
    public @Nullable String getHeader(String name) {
      return isAccept(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      return isAccept(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
      List<String> names = Collections.list(super.getHeaderNames());
      names.removeIf(Unsaid::isAccept);
      return Collections.enumeration(names);
    }

    private static boolean isAccept(String name) {
      return name.equalsIgnoreCase(HttpHeaders.ACCEPT);
    }
  }
}
