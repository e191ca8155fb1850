// SPDX-License-Identifier: MIT
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

import moa.classifiers.core.driftdetection.ADWINChangeDetector;
import moa.classifiers.core.driftdetection.DDM;
import moa.classifiers.core.driftdetection.PageHinkleyDM;

/**
 * MOA's detectors, timed: java -cp moa.jar MoaDetectors.java INPUT.f64, with requests as in river_detectors.py.
 *
 * The loops are the same text three times, each with its detector's own type, so that the compiler sees one class at each call
 * and can inline it, and each gets its detector as an argument: one that is made beside its loop takes half as long again for
 * Page-Hinkley (OpenJDK 17). Both are the best case for MOA. Before a detector's first measurement its loop runs several
 * times over the whole input.
 */
public final class MoaDetectors {
    private static final int WARM_UP_PASSES = 10;

    private static long alarms;
    private static long alarmIndexSum;

    private MoaDetectors() {
    }

    private static void pageHinkley(PageHinkleyDM detector, double[] xs) {
        for (int i = 0; i < xs.length; i++) {
            detector.input(xs[i]);
            if (detector.getChange()) {
                alarms++;
                alarmIndexSum += i;
            }
        }
    }

    private static void ddm(DDM detector, double[] xs) {
        for (int i = 0; i < xs.length; i++) {
            detector.input(xs[i]);
            if (detector.getChange()) {
                alarms++;
                alarmIndexSum += i;
            }
        }
    }

    private static void adwin(ADWINChangeDetector detector, double[] xs) {
        for (int i = 0; i < xs.length; i++) {
            detector.input(xs[i]);
            if (detector.getChange()) {
                alarms++;
                alarmIndexSum += i;
            }
        }
    }

    private static long run(String name, double[] xs) {
        alarms = 0;
        alarmIndexSum = 0;
        long begin = System.nanoTime();
        switch (name) {
            case "page_hinkley":
                pageHinkley(new PageHinkleyDM(), xs);
                break;
            case "ddm":
                ddm(new DDM(), xs);
                break;
            case "adwin":
                adwin(new ADWINChangeDetector(), xs);
                break;
            default:
                throw new IllegalArgumentException("unknown detector: " + name);
        }
        return System.nanoTime() - begin;
    }

    private static double[] read(String path) throws IOException {
        DoubleBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(Paths.get(path))).order(ByteOrder.nativeOrder()).asDoubleBuffer();
        double[] xs = new double[buffer.remaining()];
        buffer.get(xs);
        return xs;
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: MoaDetectors INPUT.f64 <REQUESTS");
            System.exit(2);
        }
        double[] xs = read(args[0]);
        Set<String> warm = new HashSet<>();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.trim().split("\\s+");
            if (warm.add(words[0])) {
                for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
                    run(words[0], xs);
                }
            }
            long timeNs = run(words[0], xs);
            System.out.printf(Locale.ROOT, "{\"library\": \"moa\", \"detector\": \"%s\", \"form\": \"%s\", \"preset\": \"%s\", "
                    + "\"n\": %d, \"ns_per_update\": %.4f, \"alarms\": %d, \"alarm_index_sum\": %d}%n",
                    words[0], words[1], words[2], xs.length, (double) timeNs / xs.length, alarms, alarmIndexSum);
            System.out.flush();
        }
    }
}
