package io.trainyard.settings;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Lets sizes have the units that Kubernetes and others write: {@code 4GiB} and {@code 4Gi} are what
 * Spring calls {@code 4GB}.
 */
public final class BinaryUnits implements EnvironmentPostProcessor, Ordered {
  /** Begins the names of the sources with sizes in Spring's units. */
  static final String SOURCE = "binaryUnits-";

  private static final Pattern SIZE =
      Pattern.compile("\\s*(\\d+)\\s*([KMGT])iB?\\s*", Pattern.CASE_INSENSITIVE);

  /** After the files of the configuration are read, and before their sizes are. */
  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 1;
  }

  @Override
  public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication app) {
    MutablePropertySources sources = environment.getPropertySources();
    for (PropertySource<?> source : sources.stream().toList()) {
      if (source instanceof EnumerablePropertySource<?> names) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        for (String name : names.getPropertyNames()) {
          if (name.toLowerCase(Locale.ROOT).startsWith("trainyard")) {
            String size = springs(resolved(environment, source.getProperty(name)));
            if (!size.isEmpty()) {
              sizes.put(name, size);
            }
          }
        }
        if (!sizes.isEmpty()) {
          String name = SOURCE + source.getName();
          sources.addBefore(
              source.getName(),
              source instanceof SystemEnvironmentPropertySource
                  ? new SystemEnvironmentPropertySource(name, sizes)
                  : new MapPropertySource(name, sizes));
        }
      }
    }
  }

  /** With the values of placeholders, as of ${MEM}; those that cannot be known are told later. */
  private static String resolved(ConfigurableEnvironment environment, @Nullable Object setting) {
    String text = String.valueOf(setting);
    try {
      return text.contains("${") ? environment.resolvePlaceholders(text) : text;
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** The size as Spring writes it; "" for what it understands itself. */
  private static String springs(String setting) {
    Matcher size = SIZE.matcher(setting);
    return size.matches() ? size.group(1) + size.group(2).toUpperCase(Locale.ROOT) + "B" : "";
  }
}
