package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Roles;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** A pure worker serves health and metrics, and nothing else. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RoleFilter extends OncePerRequestFilter {
  private final Roles roles;
  private final ProblemWriter problems;

  RoleFilter(Roles roles, ProblemWriter problems) {
    this.roles = roles;
    this.problems = problems;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return roles.api() || request.getRequestURI().startsWith("/actuator/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    problems.write(
        Problem.of(
            ErrorCode.ROUTE_NOT_FOUND,
            "This process only trains (trainyard.roles is worker); call one with the role api",
            request.getRequestURI(),
            List.of()),
        response);
  }
}
