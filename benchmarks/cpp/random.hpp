// Random numbers as a fast simulation in C++ draws them: xoshiro256++ (Blackman and Vigna, 2019, public domain) and
// ziggurats of 256 layers (Marsaglia and Tsang, 2000) for the exponential and the normal law.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

class Random {
public:
    explicit Random(std::uint64_t seed) {
        for (auto &word : state_) {  // splitmix64
            std::uint64_t z = (seed += 0x9e3779b97f4a7c15);
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            word = z ^ (z >> 31);
        }
    }

    std::uint64_t bits() {
        const auto result = std::rotl(state_[0] + state_[3], 23) + state_[0];
        const auto shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    // In [0, 1), a multiple of 2^-53.
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

    bool chance(double p) { return uniform() < p; }

    // Mean 1.
    double exponential() {
        for (double already = 0;; already += exp_.tail) {
            const auto word = bits();
            const auto layer = word & 255;
            const double x = static_cast<double>(word >> 11) * 0x1p-53 * exp_.x[layer];
            if (x < exp_.x[layer + 1]) [[likely]]
                return already + x;
            if (layer == 0)  // beyond the last layer the law begins anew: it has no memory
                continue;
            if (exp_.y[layer] + uniform() * (exp_.y[layer + 1] - exp_.y[layer]) < std::exp(-x))
                return already + x;
            already -= exp_.tail;
        }
    }

    // Mean 0, variance 1.
    double normal() {
        for (;;) {
            const auto word = bits();
            const auto layer = word & 255;
            const double x = static_cast<double>(static_cast<std::int64_t>(word) >> 11) * 0x1p-52 * normal_.x[layer];
            if (std::abs(x) < normal_.x[layer + 1]) [[likely]]
                return x;
            if (layer == 0) {
                double over, height;
                do {
                    over = exponential() / normal_.tail;
                    height = exponential();
                } while (2 * height < over * over);
                return std::copysign(normal_.tail + over, x);
            }
            if (normal_.y[layer] + uniform() * (normal_.y[layer + 1] - normal_.y[layer]) < std::exp(-x * x / 2))
                return x;
        }
    }

    // The given mean; sigma is the standard deviation of the logarithm.
    double lognormal(double log_mean, double sigma) { return std::exp(log_mean - sigma * sigma / 2 + sigma * normal()); }

private:
    // Layers of equal area under a falling density: layer i lies between heights y[i] and y[i + 1] and is x[i] wide;
    // x[0] is that of a box as large as the foot and the tail together.
    struct Ziggurat {
        std::array<double, 257> x{}, y{};
        double tail;

        template <class Density, class Inverse>
        Ziggurat(double from, double area, Density density, Inverse inverse) : tail(from) {
            x[0] = area / density(from);
            x[1] = from;
            y[0] = 0;
            y[1] = density(from);
            for (int i = 2; i < 256; ++i) {
                y[i] = y[i - 1] + area / x[i - 1];
                x[i] = inverse(y[i]);
            }
            x[256] = 0;
            y[256] = 1;
        }
    };

    static inline const Ziggurat exp_{7.69711747013104972, 0.0039496598225815571993, [](double x) { return std::exp(-x); },
                                      [](double y) { return -std::log(y); }};
    static inline const Ziggurat normal_{3.6541528853610088, 0.00492867323399,
                                         [](double x) { return std::exp(-x * x / 2); },
                                         [](double y) { return std::sqrt(-2 * std::log(y)); }};

    std::array<std::uint64_t, 4> state_{};
};
