package io.trainyard.settings;

import io.trainyard.store.database.StartFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.util.unit.DataSize;

/** Logs why the process cannot start in one line, where the operator can do something about it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements SpringBootExceptionReporter {
  @Override
  public boolean reportException(Throwable failure) {
    Optional<String> sentence = sentence(failure);
    sentence.ifPresent(LoggerFactory.getLogger(StartFailureReporter.class)::error);
    return sentence.isPresent();
  }

  /** Empty for a failure that only a developer understands. */
  static Optional<String> sentence(Throwable failure) {
    return StartFailure.sentence(failure).or(() -> ofSetting(failure));
  }

  private static Optional<String> ofSetting(Throwable failure) {
    BindException binding = null;
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof PortInUseException taken) {
        return Optional.of(
            "Port %d is taken by another process; stop that one, or choose another port: --server.port=%d"
                .formatted(taken.getPort(), taken.getPort() + 1));
      }
      if (e instanceof InvalidConfigurationPropertyValueException invalid) {
        return Optional.of(
            "The setting %s is '%s'; %s"
                .formatted(invalid.getName(), invalid.getValue(), invalid.getReason()));
      }
      if (e instanceof BindException found) {
        binding = found;
      }
      // Records check their settings themselves, in a whole sentence.
      if (binding != null && String.valueOf(e.getMessage()).startsWith("trainyard.")) {
        return Optional.ofNullable(e.getMessage());
      }
    }
    return Optional.ofNullable(binding).map(StartFailureReporter::ofBinding);
  }

  private static String ofBinding(BindException binding) {
    ConfigurationProperty property = binding.getProperty();
    String expected = expected(binding.getTarget().getType());
    if (property == null) {
      return "The setting " + binding.getName() + " is not valid; expected " + expected;
    }
    return "The setting %s is '%s'; expected %s"
        .formatted(property.getName(), property.getValue(), expected);
  }

  /** What a setting of a type may be, in words. */
  private static String expected(ResolvableType bound) {
    Class<?> type = (bound.hasGenerics() ? bound.getGeneric(0) : bound).toClass();
    if (List.of(int.class, long.class, Integer.class, Long.class).contains(type)) {
      return "a whole number";
    }
    if (List.of(boolean.class, Boolean.class).contains(type)) {
      return "true or false";
    }
    if (type == DataSize.class) {
      return "a size such as 512MB or 4GiB";
    }
    if (type == Duration.class) {
      return "a time such as 30s";
    }
    if (type == InetAddress.class) {
      return "an address such as 0.0.0.0, or the name of one";
    }
    return type.isEnum()
        ? "one of " + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT)
        : "a value of another form";
  }
}
